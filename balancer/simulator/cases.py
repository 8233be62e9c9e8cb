"""The runs that somebody asks for: policies and traces by name, each with each boot time."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import product
from pathlib import Path

from balancer.plan import Limits, Policy
from balancer.policies import UnknownPolicy, find
from balancer.simulator import baseline
from balancer.simulator.files import TraceUnusable, from_file
from balancer.simulator.shapes import NAMES, generated
from balancer.simulator.traces import Trace, repeated, sped_up, window
from balancer.simulator.world import World


@dataclass(frozen=True, slots=True)
class Traffic:
    """How traces are made: `rate` a second and `duration` in seconds for generated ones; then a window in
    seconds of the trace, then so many times as fast, then so many times after each other.
    """

    rate: float = 6.0
    duration: float = 3600.0
    seed: int = 0
    start: float = 0.0
    end: float | None = None
    speed: float = 1.0
    repeat: int = 1


@dataclass(frozen=True, slots=True)
class Case:
    """One run. `policy_name` as it was given."""

    policy_name: str
    policy: Policy
    trace: Trace
    limits: Limits
    world: World


def trace(name: str, traffic: Traffic) -> Trace:
    """A generated trace by its name, any other from the file of that path.

    Raises:
        TraceUnusable: neither; or nothing is left of it in the window.
    """
    if name in NAMES:
        whole = generated(name, traffic.rate, traffic.duration, traffic.seed)
    elif Path(name).exists():
        whole = from_file(Path(name))
    else:
        raise TraceUnusable(
            f"there is no file {name!r} and no generated trace of that name; "
            f"generated are: {', '.join(NAMES)}"
        )
    if traffic.start or traffic.end is not None:
        end = whole.duration if traffic.end is None else traffic.end
        if not traffic.start < end or traffic.start >= whole.duration:
            raise TraceUnusable(
                f"{name}: nothing from second {traffic.start:g} to {end:g}; "
                f"it is {whole.duration:.0f} s long"
            )
        whole = window(whole, traffic.start, end)
    if traffic.speed != 1:
        whole = sped_up(whole, traffic.speed)
    return repeated(whole, traffic.repeat) if traffic.repeat > 1 else whole


def policy(name: str) -> Policy:
    """A policy by name or file, or the baseline.

    Raises:
        UnknownPolicy: there is none.
    """
    if name == baseline.NAME:
        return baseline.plan
    try:
        return find(name)
    except UnknownPolicy as error:
        if name.endswith(".py"):
            raise
        raise UnknownPolicy(f"{error}; {baseline.NAME} is the baseline") from error


def cases(
    policies: Sequence[str],
    traces: Sequence[Trace],
    boots: Sequence[float],
    limits: Limits,
    world: World,
) -> Iterator[Case]:
    """Each policy with each trace and each boot time.

    The limits' stand-in for what nobody has measured yet is what the world has: an operator knows it.

    Raises:
        ValueError: a trace is over before the warm-up is.
    """
    for each in traces:
        world.check(each.duration)
    for each, boot, name in product(traces, boots, policies):
        bounds = replace(
            limits,
            min_workers=limits.max_workers if name == baseline.NAME else limits.min_workers,
            boot_seconds=max(boot, 1e-3),
            service_seconds=world.full_batch_seconds,
        )
        yield Case(name, policy(name), each, bounds, replace(world, boot_seconds=boot))
