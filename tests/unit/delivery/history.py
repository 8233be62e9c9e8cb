"""What happened, and whether it may. Pure: knows of no process, only of what was told and what is kept."""

from collections import Counter
from dataclasses import dataclass, field
from itertools import pairwise

from wire.messages import Answer, Job, Undecodable
from wire.names import UPLOAD_SCHEME, upload_key
from wire.records import Record

UNACCEPTED = {"queue_unavailable", "overloaded", "shutting_down"}
PROMISED = {"shutting_down", "timed_out"}
DEADLINE = 300.0
UNREACHABLE = "upstream_unreachable"
# Seconds that an answer takes at most to where it is kept once nothing hinders: a receive whose own answer
# was lost brings it again after its visibility time-out of 30 s.
COLLECTING = 35.0


class Violated(AssertionError):
    """The invariant does not hold."""


@dataclass
class Asked:
    """One client. `told` has every verdict that it got: (job's id or None, label or None, error's code)."""

    picture: str
    killer: bool
    told: list[tuple[str | None, str | None, str | None]] = field(default_factory=list)
    broken: bool = False
    upload: str = ""
    at: float = 0.0
    key: str = ""

    @property
    def shaky(self) -> bool:
        """Whether the picture's origin fails at times."""
        return self.picture.startswith("shaky")


@dataclass
class Remains:
    """What is kept when all has come to rest. `given_up` are ids that SQS itself set aside after five
    receives; `hindered` says when a receive from the queue of a job's answer failed, or the put of it."""

    records: list[Record]
    results: dict[str, list[Answer]]
    queues: dict[str, int]
    dead: list[str]
    junk: list[str]
    given_up: set[str]
    accepted: set[str]
    replied: set[str] = field(default_factory=set)
    wrongs: list[str] = field(default_factory=list)
    hindered: dict[str, list[float]] = field(default_factory=dict)


def check(asked: list[Asked], kept: Remains) -> None:
    """Raise Violated unless everything holds."""
    if kept.wrongs:
        raise Violated("; ".join(kept.wrongs))
    lines: dict[str, list[Record]] = {}
    for line in kept.records:
        lines.setdefault(line.uuid, []).append(line)
    for each in asked:
        _one_verdict(each)
        _right(each)
        _recorded(each, lines, kept)
        _found_again(each, lines, kept)
    _ids_told_once(asked)
    if lost := set(lines) - kept.replied - set(kept.results):
        raise Violated(f"nobody was there to be answered, and it cannot be found: {lost}")
    _results_stand(kept, lines)
    _drained(kept)
    _dead_letters(asked, kept, lines)


def check_quiet(asked: list[Asked], kept: Remains) -> None:
    """Raise Violated unless, where nothing but killers did harm, each was told what is true of it."""
    check(asked, kept)
    dead = Counter(Job.decode(body).uuid for body in kept.dead)
    for each in asked:
        ((uuid, label, code),) = each.told
        if each.killer and (code != "worker_crashed" or dead.pop(uuid, 0) != 1):
            raise Violated(f"{each.picture} was told {label or code}, dead letters: {kept.dead}")
        if not each.killer and label != each.picture:
            raise Violated(f"{each.picture} was told {label or code} in a quiet world")
    if dead or kept.given_up:
        raise Violated(f"set aside beside the killers: {dead}, {kept.given_up}")


def _one_verdict(each: Asked) -> None:
    if len(each.told) != (0 if each.broken else 1):
        raise Violated(f"{each.picture} was told {each.told}")


def _ids_told_once(asked: list[Asked]) -> None:
    # Whoever repeats a request under its key is told of the same job.
    pairs = {(uuid, each.key or at) for at, each in enumerate(asked) for uuid, *_ in each.told}
    told = Counter(uuid for uuid, _ in pairs if uuid)
    if twice := [uuid for uuid, count in told.items() if count > 1]:
        raise Violated(f"told to two clients: {twice}")


def _right(each: Asked) -> None:
    for uuid, label, code in each.told:
        if label is not None and label != each.picture:
            raise Violated(f"{each.picture} was told to be {label}")
        if code == "worker_crashed" and not each.killer:
            raise Violated(f"the innocent {each.picture} was blamed")
        if label is None and uuid is None and code not in UNACCEPTED:
            raise Violated(f"{each.picture} got {code} without an id")
        fair = PROMISED | {"job_expired"} | ({"worker_crashed"} if each.killer else set())
        fair |= {UNREACHABLE} if each.shaky else set()
        if label is None and uuid is not None and code not in fair:
            raise Violated(f"{each.picture} got {code}")


def _recorded(each: Asked, lines: dict[str, list[Record]], kept: Remains) -> None:
    for uuid, label, code in each.told:
        if uuid is None or uuid in kept.given_up:
            continue
        if uuid not in kept.accepted:
            raise Violated(f"{each.picture} was told of {uuid}, which was never sent")
        if uuid not in lines:
            raise Violated(f"{each.picture}, told {label or code}, has no record")
        fair = {label or code}
        # Its worker was killed in the second between reply and record, and no other came before the
        # deadline: nobody can know any more that it was answered.
        if min(line.at.timestamp() for line in lines[uuid]) > each.at + DEADLINE:
            fair.add("job_expired")
        if each.shaky:  # a job that is tried twice may meet its origin in two moods
            fair |= {each.picture, UNREACHABLE}
        if code not in PROMISED and verdict(lines[uuid]) not in fair:
            raise Violated(f"{each.picture}, told {label or code}: {verdict(lines[uuid])} recorded")


def _found_again(each: Asked, lines: dict[str, list[Record]], kept: Remains) -> None:
    for uuid, _, code in each.told:
        if uuid is None or code not in PROMISED or uuid in kept.given_up:
            continue
        answered = min(line.at.timestamp() for line in lines[uuid])
        free = _longest_gap(answered, each.at + DEADLINE, kept.hindered.get(uuid, []))
        if uuid not in kept.results and free >= COLLECTING:
            raise Violated(f"{each.picture} was promised {uuid}, which cannot be found by id")


def _longest_gap(start: float, end: float, failures: list[float]) -> float:
    """Seconds at a stretch between the two in which nothing failed; negative if they are none."""
    marks = [start, *(at for at in failures if start < at < end), end]
    return max(later - earlier for earlier, later in pairwise(marks))


def _results_stand(kept: Remains, lines: dict[str, list[Record]]) -> None:
    for uuid, writes in kept.results.items():
        if len(writes) > 1:
            raise Violated(f"the result of {uuid} was written {len(writes)} times")
        # `job_expired`: kept late, its record lost as in `_recorded`.
        said = {_said(line) for line in lines.get(uuid, [])}
        if not said & {_said(writes[0]), "job_expired"}:
            raise Violated(f"the result of {uuid} is in no record of it")


def _drained(kept: Remains) -> None:
    if left := {name: count for name, count in kept.queues.items() if count}:
        raise Violated(f"messages are left: {left}")


def _dead_letters(asked: list[Asked], kept: Remains, lines: dict[str, list[Record]]) -> None:
    guilty = {f"{UPLOAD_SCHEME}{upload_key(each.upload)}" for each in asked if each.killer}
    guilty |= {f"https://pictures.test/{each.picture}" for each in asked if each.killer}
    jobs, junk, innocent = set(), set(), set()
    for body in kept.dead:
        try:
            job = Job.decode(body)
            jobs.add(job.uuid)
            if job.image_url not in guilty:
                innocent.add(job.uuid)
        except Undecodable:
            junk.add(body)
    if junk != set(kept.junk):
        raise Violated(f"undecodable: {junk} set aside of {kept.junk}")
    poison = {uuid for uuid, said in lines.items() if verdict(said) == "worker_crashed"}
    if blamed := innocent - kept.given_up:
        raise Violated(f"set aside without guilt: {blamed}")
    if missing := poison - jobs:
        raise Violated(f"poison that was not set aside: {missing}")


def verdict(lines: list[Record]) -> str:
    """What the records of one job say, as readers deduplicate: a label counts over an error, and any
    error over `job_expired`, which is what a copy gets that comes after the deadline."""
    said = sorted((_said(line) for line in lines), key=lambda code: code == "job_expired")
    labels = [line.result for line in lines if line.result is not None]
    if len(set(labels)) > 1:
        raise Violated(f"{lines[0].uuid} is recorded as {labels}")
    return labels[0] if labels else said[0]


def _said(answer: Answer) -> str:
    return answer.error.code if answer.error else str(answer.result)
