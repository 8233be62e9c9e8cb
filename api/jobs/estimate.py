"""How long a job will take, from what is ahead of it and who works. Pure.

    T = the first t with  sum over workers of  rate * max(0, t - begins)  >=  ahead + 1,  and a picture's time

`begins` is 0 for who works, the rest of a boot for who is launching, and the balancer's next look and a whole
boot for who has yet to be launched. How many those are is what the balancer's own policies ask for at least:
the backlog that will be left when they are there, cleared within the target wait
(`balancer/policies/wait_time.py`), within the greatest number.
"""

from dataclasses import dataclass
from math import ceil


@dataclass(frozen=True, slots=True)
class Crew:
    """Who works. Times in seconds.

    Args:
        ready: workers that work.
        coming: when each of those that boot will.
        most: workers that there may be.
        rate: pictures a second of one worker.
        boot: from a launch to the first picture.
        look: until the balancer has seen what waits.
        target: how long a picture should wait.
        alone: what a picture takes by itself, from its fetch to its label.
    """

    ready: int
    coming: tuple[float, ...] = ()
    most: int = 1
    rate: float = 10.0
    boot: float = 10.0
    look: float = 5.0
    target: float = 5.0
    alone: float = 0.1


def seconds(ahead: int, crew: Crew) -> float | None:
    """Until a job is answered with so many ahead of it; None where nobody works and nobody will."""
    begins = sorted(
        [0.0] * crew.ready + [*crew.coming] + [crew.look + crew.boot] * _more(ahead, crew)
    )
    if not begins:
        return None
    needed = float(ahead + 1)
    for working, since in enumerate(begins, start=1):
        until = begins[working] if working < len(begins) else None
        done = working * crew.rate * (until - since) if until is not None else needed
        if done >= needed:
            return since + needed / (working * crew.rate) + crew.alone
        needed -= done
    raise AssertionError("the last of them works for ever")


def _more(ahead: int, crew: Crew) -> int:
    """How many workers will be launched."""
    there = crew.ready + len(crew.coming)
    cleared = (crew.ready + len(crew.coming) / 2) * crew.boot * crew.rate
    left = max(0.0, ahead + 1 - cleared)
    wanted = min(crew.most, max(1, ceil(left / (crew.rate * crew.target))))
    return max(0, wanted - there)


def position(ahead: int, waiting: int, done: float) -> int:
    """How many jobs are ahead at most.

    Args:
        ahead: how many were when the job was sent.
        waiting: how many there are in the queue now, this one among them.
        done: how many will have been worked since, at the pace that was measured.
    """
    return max(0, min(ahead - int(done), waiting - 1))
