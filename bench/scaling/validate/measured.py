"""Reads off a replay over real processes what the simulator predicts, and what it must be told."""

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import sqrt
from statistics import fmean, pstdev

from bench.live.clients import Asked
from bench.live.diary import Diary, Event
from bench.live.origin import Origin, Visit
from bench.scaling.validate.outcome import Look, Outcome


class Spoilt(Exception):
    """The replay shows nothing: something went wrong in it. The text says what."""


@dataclass(frozen=True, slots=True)
class World:
    """Seconds from a worker's launch until it is ready, and of one worker for one picture, as measured.

    `boot_jitter` is half the width, as a share of the mean, of the even spread that varies as the boots
    did; `boots` and `services` are how many were measured.
    """

    boot_seconds: float
    boot_jitter: float
    service_seconds: float
    boots: int
    services: int


def outcome(diary: Diary, answers: Sequence[Asked], began: float) -> Outcome:
    """Everything from the first arrival, at `began` seconds since the epoch, to the last answer.

    Raises:
        Spoilt: a request was not answered, or a worker failed.
    """
    bad = [each for each in answers if not each.ok]
    if bad:
        raise Spoilt(f"{len(bad)} of {len(answers)} were not answered: {bad[0]}")
    failed = [event for event in diary.of("worker exited") if event.fields["code"] not in (0, None)]
    if failed:
        raise Spoilt(f"{len(failed)} workers failed: {failed[0].fields}")
    end = max(each.at + each.total for each in answers)
    launched = _times(diary.of("worker launched"))
    seconds = _existing(launched, _times(diary.of("stopped", "worker")), began, end)
    looks = [
        Look(event.at - began, float(event.fields["workers"]), float(event.fields["queued"]))
        for event in diary.of("tick")
        if began - 1 <= event.at <= end
    ]
    launches = sum(began <= at <= end for at in launched)
    return Outcome.of([each.wait for each in answers], seconds, launches, end - began, looks)


def world(
    diary: Diary, answers: Sequence[Asked], served: Origin, began: float, delay: float
) -> World:
    """What the simulator takes for granted, from the same replay.

    Raises:
        Spoilt: no worker was launched, or none had two pictures in a row.
    """
    launched = [at for at in _times(diary.of("worker launched")) if at >= began]
    ready = [at for at in _times(diary.of("ready", "worker")) if at >= began]
    if not launched or len(launched) != len(ready):
        raise Spoilt(f"{len(launched)} workers were launched, {len(ready)} became ready")
    # Which worker a line is of it does not say; who was launched first is ready first, but for little.
    boots = [after - before for before, after in zip(launched, ready, strict=True)]
    boot = fmean(boots)
    # An even spread of half-width w has the standard deviation w / sqrt(3).
    jitter = min(1.0, sqrt(3) * pstdev(boots) / boot)
    services = in_a_row(served.visits, {each.name: each.wait for each in answers}, delay)
    if not services:
        raise Spoilt("no worker had two pictures in a row")
    return World(boot, jitter, fmean(services), len(boots), len(services))


def in_a_row(
    visits: Mapping[str, Sequence[Visit]], waits: Mapping[str, float], delay: float
) -> list[float]:
    """Seconds from one picture to the next of workers who had the next one waiting for them.

    A worker asks for its pictures on one connection. Where the later picture was in the queue already
    when the earlier one arrived from its host, the time between the two is all that a picture costs
    a worker.
    """
    by_port: dict[int, list[tuple[float, str]]] = {}
    for name, times in visits.items():
        for visit in times:
            by_port.setdefault(visit.port, []).append((visit.at, name))
    return [
        at - before
        for of_one in by_port.values()
        for (before, _), (at, name) in itertools.pairwise(sorted(of_one))
        if at - waits.get(name, 0.0) < before + delay
    ]


def _existing(launched: Sequence[float], gone: Sequence[float], began: float, end: float) -> float:
    """Worker-seconds between the two times: everybody exists from the launch to the last word."""
    come = sum(max(0.0, end - max(began, at)) for at in launched)
    return come - sum(max(0.0, end - max(began, at)) for at in gone)


def _times(events: Sequence[Event]) -> list[float]:
    return sorted(event.at for event in events)
