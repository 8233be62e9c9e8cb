"""The judgment over a soak. Pure."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from bench.loadtest.summary import percentile
from bench.soak.client import Asked

Line = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Books:
    """What clients heard, held against what the service kept. Every list must be empty.

    `lost`: clients without a verdict. `wrong`: clients whose verdict is not their picture's.
    `doubled`: ids that two clients were told. `unrecorded`: ids told, without a record.
    `contradicted`: ids whose record or kept result says something else than the picture is.
    `unheard`: jobs that were recorded and no client was told of. Whoever lost an answer asks again under
    the same Idempotency-Key, so that the same job answers; another one would be work done for nobody.
    `again` counts records beyond one a job: that is allowed, for SQS may deliver twice.
    """

    lost: tuple[int, ...]
    wrong: tuple[str, ...]
    doubled: tuple[str, ...]
    unrecorded: tuple[str, ...]
    contradicted: tuple[str, ...]
    unheard: tuple[str, ...]
    again: int

    @property
    def balance(self) -> bool:
        """Nothing lost, nothing wrong, nothing answered twice."""
        told = (self.lost, self.wrong, self.doubled)
        return not any((*told, self.unrecorded, self.contradicted, self.unheard))


def books(asked: Sequence[Asked], records: Sequence[Line], results: Sequence[Line]) -> Books:
    """The books of one run."""
    told = Counter(uuid for each in asked for uuid in set(each.ids))
    lines = Counter(str(line["uuid"]) for line in records)
    verdicts = {each.uuid: each.result for each in asked if each.uuid}
    return Books(
        lost=tuple(each.number for each in asked if not each.result and _gave_up(each)),
        wrong=tuple(
            f"{each.number}: {each.result or each.code} ({each.uuid or ' '.join(each.ids)})"
            for each in asked
            if not each.right and not _gave_up(each)
        ),
        doubled=tuple(uuid for uuid, count in told.items() if count > 1),
        unrecorded=tuple(uuid for uuid in told if uuid not in lines),
        contradicted=tuple(
            f"{line['uuid']}: {line.get('result') or line.get('error')}"
            for line in (*records, *results)
            if line.get("result") != verdicts.get(line["uuid"], line.get("result") or "an answer")
        ),
        unheard=tuple(uuid for uuid in lines if uuid not in told),
        again=sum(count - 1 for count in lines.values()),
    )


def _gave_up(asked: Asked) -> bool:
    return asked.code == "gave up"


@dataclass(frozen=True, slots=True)
class Found:
    """One run. `left` are messages by queue at the end, `strays` processes after it; times in seconds.

    `faults` counts hits, `expected` those that their shares let expect. `restarts` came to pass.
    """

    jobs: int
    seconds: float
    books: Books
    met: Mapping[str, int]
    p50: float
    p99: float
    faults: Mapping[str, int]
    expected: Mapping[str, float]
    kills: int
    restarts: int
    restarts_asked: int
    redelivered: int
    left: Mapping[str, int]
    workers: int
    most_workers: int
    bounds: tuple[int, int]
    strays: int

    @property
    def settled(self) -> bool:
        """Queues empty, the fleet within its bounds all the time, no process left over."""
        least, most = self.bounds
        within = least <= self.workers <= most and self.most_workers <= most
        return not self.left and within and not self.strays

    @property
    def harmed(self) -> bool:
        """It was no holiday: workers were killed, work was done again, the front end was restarted as
        often as it was to be, and every kind of fault hit."""
        hurt = self.kills > 0 and self.redelivered > 0 and self.restarts == self.restarts_asked
        return hurt and bool(self.faults) and all(self.faults.values())

    @property
    def holds(self) -> bool:
        return self.books.balance and self.settled and self.harmed

    def as_json(self) -> dict[str, Any]:
        """For --json."""
        return asdict(self) | {"holds": self.holds}


def latency(asked: Sequence[Asked]) -> tuple[float, float]:
    """p50 and p99 of the seconds that clients waited for their verdict, whatever happened meanwhile."""
    ordered = sorted(each.seconds for each in asked)
    return (percentile(ordered, 0.5), percentile(ordered, 0.99)) if ordered else (0.0, 0.0)
