"""Observe, plan, act."""

import asyncio
from collections.abc import Callable

from balancer.act import Actor
from balancer.observe import Observer
from balancer.plan import Limits, Plan, Policy, Snapshot
from balancer.ticks import ticks
from wire import log
from wire.errors import QueueUnavailable
from wire.queues import QueueMissing

_log = log.get(__name__)

Tell = Callable[[Snapshot, Plan], None]


class Balancer:
    """The loop. `tell` is given what every tick saw and did."""

    def __init__(
        self,
        observer: Observer,
        policy: Policy,
        limits: Limits,
        actor: Actor,
        tell: Tell,
        clock: Callable[[], float],
    ) -> None:
        self._observer = observer
        self._policy = policy
        self._limits = limits
        self._actor = actor
        self._tell = tell
        self._clock = clock

    async def run(self, period: float, stop: asyncio.Event) -> None:
        """One tick every `period` seconds until `stop`."""
        async for tick in ticks(period, stop):
            await self.on_tick(tick)

    async def on_tick(self, tick: int) -> None:
        """One tick; whatever fails in it, the next one comes."""
        now = self._clock()
        try:
            snapshot = await self._observer.observe(now)
            plan = self._policy(snapshot, self._limits, now)
            done = await self._actor.act(plan, tick, now)
        except (QueueUnavailable, QueueMissing) as error:
            _log.warning("tick skipped: the queues cannot be reached", tick=tick, fault=repr(error))
        except Exception:
            _log.exception("tick failed", tick=tick)
        else:
            _say(tick, snapshot, done)
            self._tell(snapshot, done)


def _say(tick: int, saw: Snapshot, done: Plan) -> None:
    _log.info(
        "tick",
        tick=tick,
        queued=saw.queued,
        in_flight=saw.in_flight,
        workers=saw.workers,
        launching=saw.launching,
        busy=saw.busy,
        idle=saw.idle,
        draining=saw.draining,
        desired=done.desired,
        launch=done.launch,
        terminate=done.terminate,
        why=done.reason,
        **done.numbers,
    )
