"""A tick as the page draws it."""

from collections import deque
from collections.abc import Mapping
from typing import Any

from wire import latency
from wire.tick_record import Opinion, TickRecord

WITHIN = 60.0  # seconds of answers that a percentile is taken of: a tick's own are few
CRITERION = "criterion"


class Points:
    """Turns ticks into points, in their order."""

    def __init__(self) -> None:
        self._lately: deque[tuple[float, Mapping[int, int]]] = deque()

    def of(self, tick: TickRecord) -> dict[str, Any]:
        """One tick's. Times in seconds, `at` since the epoch; what is not known is None."""
        saw = tick.saw
        return {
            "id": name(tick),
            "at": tick.at.timestamp(),
            "tick": tick.tick,
            "epoch": tick.epoch,
            "policy": tick.policy,
            "reason": tick.reason,
            "numbers": tick.numbers,
            "bound": tick.bound,
            "min": tick.limits.get("min_workers"),
            "max": tick.limits.get("max_workers"),
            "every": tick.limits.get("tick"),
            "queued": saw.queued,
            "inFlight": saw.in_flight,
            "arrived": saw.arrived,
            "oldest": saw.oldest_wait,
            "workers": saw.workers,
            "busy": saw.busy,
            "idle": saw.idle,
            "launching": saw.launching,
            "draining": saw.draining,
            "boot": saw.boot_seconds,
            "service": saw.service_seconds,
            "desired": tick.desired,
            "criterion": _criterion(tick),
            **_deeds(tick),
            "others": {other: _opinion(each) for other, each in tick.others.items()},
            "hourly": tick.cost.hourly or None,
            "perThousand": tick.cost.per_thousand if tick.cost.hourly else None,
            "left": tick.cost.left,
            "served": tick.served,
            "codes": tick.codes,
            **self._latency(tick),
        }

    def _latency(self, tick: TickRecord) -> dict[str, float | None]:
        at = tick.at.timestamp()
        self._lately.append((at, tick.seconds))
        while self._lately[0][0] <= at - WITHIN:
            self._lately.popleft()
        counts = latency.added([seconds for _, seconds in self._lately])
        return {f"p{share * 100:g}": latency.percentile(counts, share) for share in latency.SHARES}


def name(tick: TickRecord) -> str:
    """What tells a tick from every other; the later, the greater."""
    return f"{tick.epoch:06d}-{tick.tick:08d}"


def _criterion(tick: TickRecord) -> int | None:
    if tick.policy == CRITERION:
        return tick.desired
    opinion = tick.others.get(CRITERION)
    return None if opinion is None or opinion.fault is not None else opinion.desired


def _deeds(tick: TickRecord) -> dict[str, Any]:
    return {
        "launched": tick.launched,
        "terminated": tick.terminated,
        "ended": [{"worker": each.worker, "reason": each.reason} for each in tick.ended],
        "wantedLaunch": tick.wanted_launch,
        "wantedTerminate": tick.wanted_terminate,
        "heldBack": tick.held_back,
        "paused": tick.paused,
    }


def _opinion(opinion: Opinion) -> dict[str, Any]:
    step = opinion.launch - opinion.terminate
    return {"desired": opinion.desired, "step": step, "broke": opinion.fault is not None}
