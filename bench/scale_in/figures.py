"""What is counted, and the few lines that tell it. Pure but for reading the diary."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass

from bench.live.diary import Diary

OK = 200


@dataclass(frozen=True, slots=True)
class Scaled:
    """Workers that took a terminate message: `busy` of them held pictures then, `idle` held none.

    `launches` counts workers started, `failed` those whose process ended by a signal or a failure.
    """

    busy: int
    idle: int
    launches: int
    failed: int

    @property
    def total(self) -> int:
        return self.busy + self.idle


def scaled(diary: Diary) -> Scaled:
    """What the diary tells of workers that came and went."""
    taken = [e for e in diary.of("draining") if str(e.fields["reason"]).startswith("terminate")]
    busy = sum(bool(event.fields["busy"]) for event in taken)
    exits = diary.of("worker exited")
    failed = sum(event.fields.get("code") not in (0, None) for event in exits)
    return Scaled(busy, len(taken) - busy, len(diary.of("worker launched")), failed)


@dataclass(frozen=True, slots=True)
class Found:
    """Scale-ins and what became of the jobs meanwhile.

    `codes` counts answers by status. `redelivered` counts receives beyond a message's first, in the
    queue's file; `fetched_again` requests at the origin for a picture asked for before; `missing` and
    `doubled` answered jobs without a record and jobs with several. `control` is `redelivered` after a
    busy worker was killed.
    """

    scaled: Scaled
    codes: Mapping[int, int]
    redelivered: int
    fetched_again: int
    missing: int
    doubled: int
    seconds: float
    control: int

    @property
    def harmless(self) -> bool:
        """Nothing was handed out again, nothing lost, nothing done twice."""
        return not (self.redelivered or self.fetched_again or self.missing or self.doubled) and set(
            self.codes
        ) == {OK}

    @property
    def holds(self) -> bool:
        """Harmless, and the counting was seen to count."""
        return self.harmless and self.control > 0

    def as_json(self) -> dict[str, object]:
        return asdict(self) | {"scale_ins": self.scaled.total, "holds": self.holds}


def report(found: Found) -> str:
    """A few lines for people."""
    scaled = found.scaled
    answers = ", ".join(f"{count} x {code}" for code, count in sorted(found.codes.items()))
    rows = [
        ("scale-ins", f"{scaled.total} ({scaled.busy} busy, {scaled.idle} idle)"),
        ("launches", f"{scaled.launches}; {scaled.failed} workers failed"),
        ("answers", answers),
        ("took", f"{found.seconds:.0f} s"),
        ("redelivered", str(found.redelivered)),
        ("fetched again", str(found.fetched_again)),
        ("records missing, doubled", f"{found.missing}, {found.doubled}"),
        ("control: redelivered by a kill -9", str(found.control)),
    ]
    return "\n".join(f"{name:<34} {text}" for name, text in rows)
