"""What a policy is given and what it answers. Pure: no clock, no network, no state of its own.

A policy is a function `(Snapshot, Limits, now) -> Plan`. The same function runs in the balancer and
wherever else somebody wants to know what it would have done. Whatever a policy needs to remember from
one tick to the next is in the snapshot. `balancer.policies` finds policies by name.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What one tick saw. Times are seconds on the clock that `now` is read from.

    `queued` is N_q, messages waiting; `in_flight` is N_f. `workers` is N_w: running or launching, with
    draining ones and valid unanswered terminate messages already taken off. `idle`, `busy` and
    `launching` count workers by what they last said of themselves. `empty_since` is the first of the
    unbroken run of ticks that saw no message waiting, None when this one saw some. `oldest_wait`
    (seconds) and `service_seconds` (mean per picture) are None while nobody has reported any.
    """

    queued: int
    in_flight: int
    workers: int
    idle: int = 0
    busy: int = 0
    launching: int = 0
    draining: int = 0
    empty_since: float | None = None
    oldest_wait: float | None = None
    service_seconds: float | None = None


@dataclass(frozen=True, slots=True)
class Limits:
    """What the operator allows. `qos` is the number of messages that one worker is given.

    Raises:
        ValueError: the least number of workers is above the greatest.
    """

    qos: int = 5
    min_workers: int = 1
    max_workers: int = 2
    scaling_factor: float = 1.0
    kill_all_delay: float = 30.0

    def __post_init__(self) -> None:
        if self.min_workers > self.max_workers:
            raise ValueError(
                f"min_workers={self.min_workers} is above max_workers={self.max_workers}: "
                "lower the first or raise the second"
            )


@dataclass(frozen=True, slots=True)
class Plan:
    """What to do: workers to launch, terminate messages to send; one of the two is 0.

    `desired` is the number of workers the policy wants in the end, `reason` says why in words,
    `numbers` are the figures of its formula by the names that its documentation gives them.
    """

    desired: int
    reason: str
    launch: int = 0
    terminate: int = 0
    numbers: Mapping[str, float] = field(default_factory=dict)


Policy = Callable[[Snapshot, Limits, float], Plan]
