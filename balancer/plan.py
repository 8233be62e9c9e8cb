"""What a policy is given and what it answers. Pure: no clock, no network, no state of its own.

A policy is a function `(Snapshot, Limits, now) -> Plan`. The same function runs in the balancer, in the
simulator and wherever else somebody wants to know what it would have done. Whatever a policy needs to
remember from one tick to the next is in the snapshot. `balancer.policies` finds policies by name.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Past:
    """What an earlier tick saw and wanted; the names mean what they mean in a snapshot."""

    at: float
    queued: int
    in_flight: int
    workers: int
    busy: int
    arrived: float
    desired: int
    launching: int = 0


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What one tick saw. Times are seconds on the clock that `now` is read from.

    `queued` is N_q, messages waiting; `in_flight` is N_f. `workers` is N_w: running or launching, with
    draining ones, those that should long be ready, and valid unanswered terminate messages already
    taken off; `unanswered` counts the last, which perhaps nobody takes, `ending` those that are to be
    removed by force and come back when they work again before that. `idle`, `busy` and `launching`
    count workers by what they last said of themselves; `fresh` those in the minute that is paid in any
    case. `empty_since` is the first of the unbroken run of ticks that saw no message waiting, None when
    this one saw some.

    `arrived` is the number of messages that came since the tick before, as far as known now.
    `oldest_wait` (seconds) is the longest that a message had waited which a worker received since the
    tick before. While messages wait it is at least the longest wait of a client, whose picture may be in
    work, but counted no further back than the last tick that saw none waiting. `service_seconds` (seconds
    of one worker for one picture when there is enough to do) and `boot_seconds` (from launch to ready) are
    measured like it, all three None while nobody has reported any. `past` holds earlier ticks, oldest
    first, without this one, for as long as `balancer.history` remembers.
    """

    queued: int
    in_flight: int
    workers: int
    idle: int = 0
    busy: int = 0
    launching: int = 0
    draining: int = 0
    unanswered: int = 0
    ending: int = 0
    fresh: int = 0
    empty_since: float | None = None
    arrived: float = 0.0
    oldest_wait: float | None = None
    service_seconds: float | None = None
    boot_seconds: float | None = None
    past: Sequence[Past] = ()


@dataclass(frozen=True, slots=True)
class Limits:
    """What the operator allows and asks for. Times in seconds.

    `qos` is the number of messages that one worker is given. `max_bound` names what set the greatest
    number of workers. `target_wait` is how long a picture should wait before work on it starts,
    `deadline` how long its client waits at most, `scale_in_delay` how long fewer workers must have been
    enough before any goes. `boot_seconds` and `service_seconds` stand in for what nobody has measured yet.

    Raises:
        ValueError: the least number of workers is above the greatest.
    """

    qos: int = 5
    min_workers: int = 1
    max_workers: int = 2
    scaling_factor: float = 1.0
    kill_all_delay: float = 30.0
    target_wait: float = 5.0
    deadline: float = 120.0
    scale_in_delay: float = 30.0
    boot_seconds: float = 10.0
    service_seconds: float = 0.1
    tick: float = 5.0
    max_bound: str = "W_max"

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
    `numbers` are the figures of its formula by the names that its documentation gives them, `bound` names
    the limit that kept it from what it wanted. `held_back` counts launches that it wanted and nobody tried.
    """

    desired: int
    reason: str
    launch: int = 0
    terminate: int = 0
    numbers: Mapping[str, float] = field(default_factory=dict)
    bound: str | None = None
    held_back: int = 0


Policy = Callable[[Snapshot, Limits, float], Plan]
