"""Measured and predicted side by side, as text and as JSON. Pure."""

from dataclasses import asdict, dataclass

from bench.scaling.validate.measured import World
from bench.scaling.validate.outcome import JUDGED, Outcome, by_minute, deviations


@dataclass(frozen=True, slots=True)
class Validation:
    """One replay. `within` is the greatest deviation that is accepted, a share."""

    policy: str
    arrivals: int
    world: World
    measured: Outcome
    predicted: Outcome
    within: float

    @property
    def deviations(self) -> dict[str, float]:
        return deviations(self.measured, self.predicted)

    @property
    def holds(self) -> bool:
        return all(abs(off) <= self.within for off in self.deviations.values())

    def as_json(self) -> dict[str, object]:
        return asdict(self) | {"deviations": self.deviations, "holds": self.holds}


def report(found: Validation) -> str:
    """Tables for people."""
    world = found.world
    lines = [
        f"{found.policy}: {found.arrivals} arrivals in {found.measured.seconds:.0f} s; measured in the"
        f" same run: boot {world.boot_seconds:.2f} s ± {world.boot_jitter:.0%} (of {world.boots}), a picture"
        f" {world.service_seconds:.3f} s (of {world.services})",
        "",
        f"{'':<18}{'measured':>12}{'predicted':>12}{'off by':>10}",
        *(
            f"{name:<18}{of(found.measured):>12.2f}{of(found.predicted):>12.2f}"
            f"{found.deviations[name]:>10.1%}"
            for name, of in JUDGED.items()
        ),
        _counts("worker-seconds", found.measured.worker_seconds, found.predicted.worker_seconds),
        _counts("launches", found.measured.launches, found.predicted.launches),
        "",
        f"{'minute':<8}{'workers':>20}{'messages waiting':>24}",
        f"{'':<8}{'measured predicted':>20}{'measured predicted':>24}",
        *_minutes(found),
        "",
        f"workers and waits within {found.within:.0%} (launches are told, not judged): "
        + ("yes" if found.holds else "NO"),
    ]
    return "\n".join(lines)


def _counts(name: str, measured: float, predicted: float) -> str:
    return f"{name:<18}{measured:>12.0f}{predicted:>12.0f}{predicted / max(measured, 1) - 1:>10.1%}"


def _minutes(found: Validation) -> list[str]:
    seconds = max(found.measured.seconds, found.predicted.seconds)
    both = zip(
        by_minute(found.measured.looks, seconds),
        by_minute(found.predicted.looks, seconds),
        strict=False,
    )
    return [
        f"{minute + 1:<8}{workers:>10.1f}{simulated:>10.1f}{queued:>14.1f}{expected:>10.1f}"
        for minute, ((workers, queued), (simulated, expected)) in enumerate(both)
    ]
