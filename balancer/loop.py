"""Observe, plan, act."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace

from balancer.act import Actor, LeaseRanOut, broken_off
from balancer.beat import Word, beats
from balancer.fleet import FleetUnavailable, Order
from balancer.leader import Leader
from balancer.ledger import Ledger
from balancer.observe import Observer
from balancer.plan import Plan, Policy
from balancer.rules import RuleBook
from balancer.tick import Tick
from balancer.ticks import ticks
from wire import log
from wire.errors import QueueUnavailable
from wire.queues import QueueMissing

_log = log.get(__name__)

BEGINS_AGAIN = 0.25  # seconds


class Balancer:
    """The loop.

    Args:
        leader: whether this balancer may act.
        begin: what is done first whenever it was elected, again and again until it answers True.
        tell: is given what every tick saw and did.
        word: what may bring a tick forward.
        clock: monotonic seconds.
    """

    def __init__(
        self,
        leader: Leader,
        observer: Observer,
        ledger: Ledger,
        book: RuleBook,
        policy: Policy,
        actor: Actor,
        begin: Callable[[], Awaitable[bool]],
        tell: Callable[[Tick], None],
        word: Word,
        clock: Callable[[], float],
    ) -> None:
        self._leader = leader
        self._observer = observer
        self._ledger = ledger
        self._book = book
        self._policy = policy
        self._actor = actor
        self._begin = begin
        self._tell = tell
        self._word = word
        self._clock = clock
        self._number = 0
        self._served = 0

    async def run(self, period: float, stop: asyncio.Event) -> None:
        """One tick every `period` seconds, or at a word, while this balancer leads, until `stop`."""
        while await self._leader.elected(stop):
            if not await self._begun(stop):
                continue
            async for _ in beats(period, stop, self._word):
                if not self._leader.may_act():
                    break
                await self.on_tick()

    async def _begun(self, stop: asyncio.Event) -> bool:
        """Whether it has begun: not when the lease was lost or `stop` came before it could."""
        async for _ in ticks(BEGINS_AGAIN, stop):
            if not self._leader.may_act():
                return False
            if await self._begin():
                return True
        return False

    async def on_tick(self) -> None:
        """One tick; whatever fails in it, the next one comes."""
        # Never the same number twice in an epoch, whatever became of the tick: launches carry it.
        self._number += 1
        number, now = self._number, self._clock()
        try:
            tick, fault = await self._balanced(number, now)
            self._observer.history.add(tick.saw, tick.done, now)
            self._tell(tick)
            if fault is not None:
                _warn(fault, number)
        except (QueueUnavailable, QueueMissing) as error:
            _log.warning(
                "tick skipped: the queues cannot be reached", tick=number, fault=repr(error)
            )
        except FleetUnavailable as error:
            _log.warning("tick skipped: the fleet cannot be asked", tick=number, fault=repr(error))
        except Exception:
            _log.exception("tick failed", tick=number)

    async def _balanced(self, number: int, now: float) -> tuple[Tick, Exception | None]:
        """The tick and what broke it off: what was done until then is told all the same."""
        depth = await self._observer.look(now)
        rules = self._book.rules(now)
        ended, fault = ([], None) if rules.paused else await self._actor.end_overdue(now)
        saw = self._observer.snapshot(depth, now)
        wanted = self._policy(saw, rules.limits, now)
        order = Order(0, self._leader.epoch, number, rules.hourly)
        if rules.paused:
            done = replace(_nothing(wanted), reason=f"paused by the operator; {wanted.reason}")
        elif fault is not None:
            done = broken_off(_nothing(wanted), fault)
        else:
            done, fault = await self._actor.act(wanted, order, now)
        served, self._served = self._ledger.served - self._served, self._ledger.served
        hourly, runs_on = self._ledger.hourly(), self._ledger.runs_on()
        seen = (number, order.epoch, now, saw, rules)
        watched, keys_age = self._observer.watched(now), self._observer.keys_age(now)
        fared = (self._observer.answered(), watched, keys_age)
        tick = Tick(*seen, wanted, done, tuple(ended), hourly, served, runs_on, *fared)
        return tick, fault


def _nothing(plan: Plan) -> Plan:
    return replace(plan, launch=0, terminate=0, held_back=plan.launch)


def _warn(fault: Exception, number: int) -> None:
    expected = isinstance(fault, LeaseRanOut | QueueUnavailable | QueueMissing | FleetUnavailable)
    why = repr(fault.__cause__ or fault)
    _log.warning("tick broken off", tick=number, fault=why, exc_info=None if expected else fault)
