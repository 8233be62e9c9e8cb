"""Replays a trace against a policy, tick by tick."""

from collections.abc import Callable
from math import ceil

from balancer.history import History
from balancer.plan import Limits, Plan, Policy, Snapshot
from balancer.simulator.outcome import Outcome, Series
from balancer.simulator.service import Service
from balancer.simulator.traces import Trace
from balancer.simulator.view import View
from balancer.simulator.waits import Waits
from balancer.simulator.world import World

PATIENCE = 6 * 3600.0  # seconds after the trace in which the rest must be answered
COLUMNS = (
    "at", "arrivals", "backlog", "workers", "ready", "wait", "longest", "misses", "cost",
)  # fmt: skip


def simulate(
    arrivals: Trace,
    policy: Policy,
    limits: Limits,
    world: World,
    progress: Callable[[float], None] | None = None,
    series: bool = True,
) -> Outcome:
    """What would have come of these arrivals.

    Args:
        policy: called every `limits.tick` seconds, as the balancer does.
        progress: told the seconds simulated so far, now and then.
        series: whether to keep figures of every tick.

    Raises:
        ValueError: the trace is over before the warm-up is.
    """
    world.check(arrivals.duration)
    return _Replay(arrivals, policy, limits, world, series).run(progress or (lambda _: None))


class _Replay:
    def __init__(
        self, trace: Trace, policy: Policy, limits: Limits, world: World, series: bool
    ) -> None:
        self._duration, self._policy, self._limits, self._world = (
            trace.duration, policy, limits, world,
        )  # fmt: skip
        # In whole ticks, so that arrivals, waits and the bill begin in the same second.
        self._since = ceil(round(world.warm_up / limits.tick, 9)) * limits.tick
        self._service = Service(trace, world, Waits(limits.deadline, self._since))
        self._history = History()
        self._view = View(self._service, self._history)
        self._rows: list[tuple[float, ...]] | None = [] if series else None
        self._reported = 0
        self._terminates = 0
        self._turns = 0
        self._direction = 0
        self._before = (0, 0, 0.0, 0)
        self._uncounted = (0, 0.0, 0)
        self._counts = not world.warm_up

    def run(self, progress: Callable[[float], None]) -> Outcome:
        service, tick = self._service, self._limits.tick
        lag = tick / 2 if self._world.report_lag is None else min(tick, self._world.report_lag)
        initial = self._world.initial_workers
        service.start(max(1, self._limits.min_workers) if initial is None else initial)
        turn = 0
        while True:
            self._tick()
            turn += 1
            if turn % 64 == 0:
                progress(service.now)
            if service.now >= self._duration and (
                service.over or service.now > self._duration + PATIENCE
            ):
                break
            service.advance(turn * tick - lag)
            self._reported = service.arrived
            service.advance(turn * tick)
        progress(self._duration)
        return self._outcome(service.now)

    def _tick(self) -> None:
        service = self._service
        if not self._counts and service.now >= self._since:
            self._forget()
        saw = self._view.look(self._reported)
        plan = self._policy(saw, self._limits, service.now)
        if plan.launch:
            service.launch(plan.launch)
        if plan.terminate:
            service.terminate(plan.terminate)
        self._history.add(saw, plan, service.now)
        self._note(saw, plan)

    def _forget(self) -> None:
        """Count from here on."""
        self._counts = True
        service = self._service
        billed = service.crew.worker_seconds(service.now)
        self._uncounted = (service.arrived, billed, service.crew.launches)
        self._before = (service.arrived, 0, 0.0, 0)
        self._terminates = self._turns = 0
        service.scale_ins = service.redelivered = service.redelivered_by_scale_in = 0

    def _note(self, saw: Snapshot, plan: Plan) -> None:
        service, waits = self._service, self._service.line.waits
        self._terminates += plan.terminate
        direction = (plan.launch > 0) - (plan.terminate > 0)
        if direction and direction != self._direction:
            self._turns += self._direction != 0
            self._direction = direction
        if self._rows is None or not self._counts:
            return
        arrived, count, total, misses = self._before
        begun = waits.count - count
        self._rows.append(
            (
                service.now,
                service.arrived - arrived,
                len(service.line.backlog),
                saw.workers,
                len(service.line.pool),
                (waits.total - total) / begun if begun > 0 else 0.0,
                waits.lately(),
                waits.misses - misses,
                self._cost(service.now),
            )
        )
        self._before = (service.arrived, waits.count, waits.total, waits.misses)

    def _billed(self, now: float) -> float:
        return self._service.crew.worker_seconds(now) - self._uncounted[1]

    def _cost(self, now: float) -> float:
        world = self._world
        stopped = world.standby * world.stopped_hourly * (now - self._since)
        return (self._billed(now) * world.hourly_price + stopped) / 3600

    def _outcome(self, end: float) -> Outcome:
        service, waits = self._service, self._service.line.waits
        arrived, _, launched = self._uncounted
        seconds = self._billed(end)
        rows = self._rows or []
        columns = zip(*rows, strict=True) if rows else [() for _ in COLUMNS]
        series: Series = {name: list(column) for name, column in zip(COLUMNS, columns, strict=True)}
        return Outcome(
            wait_p50=waits.quantile(0.50),
            wait_p95=waits.quantile(0.95),
            wait_p99=waits.quantile(0.99),
            wait_mean=waits.total / waits.count if waits.count else 0.0,
            wait_max=waits.longest,
            deadline_misses=waits.misses,
            answered=waits.count,
            unanswered=service.arrived - arrived - waits.count,
            cost=self._cost(end),
            worker_seconds=seconds,
            worker_hours=seconds / 3600,
            launches=service.crew.launches - launched,
            terminates=self._terminates,
            scale_ins=service.scale_ins,
            redelivered=service.redelivered,
            redelivered_by_scale_in=service.redelivered_by_scale_in,
            direction_changes=self._turns,
            duration=end,
            series=series,
        )
