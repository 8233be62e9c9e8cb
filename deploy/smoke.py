"""Where the time of one picture went, from the client's clock and the service's own. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass

WIDTH = 40  # characters of the longest bar
# The worker's clock; `totalMs` is the front end's, from the request to its answer; the whole is the client's.
STAGES = (
    ("queueMs", "in the queue"),
    ("fetchMs", "fetching the picture"),
    ("decodeMs", "decoding it"),
    ("inferenceMs", "the network"),
)
REST = "front end, and the answer's way"
AROUND = "the way to the service and back"


@dataclass(frozen=True, slots=True)
class Span:
    """A part of the time, in milliseconds."""

    what: str
    ms: float


def spans(timings: Mapping[str, float | None], seconds: float) -> list[Span]:
    """The parts in order; their sum is what the client waited.

    Args:
        timings: of the answer, in milliseconds.
        seconds: that the client waited.
    """
    waited = 1000 * seconds
    parts = [Span(what, value) for name, what in STAGES if (value := timings.get(name)) is not None]
    known = sum(part.ms for part in parts)
    total = timings.get("totalMs")
    within = known if total is None else max(known, total)
    if within > known:
        parts.append(Span(REST, within - known))
    return [*parts, Span(AROUND, max(0.0, waited - within))]


def drawn(parts: list[Span]) -> list[str]:
    """A bar for each part; the longest is WIDTH characters."""
    most = max((part.ms for part in parts), default=0.0) or 1.0
    name = max(len(part.what) for part in parts)
    return [
        f"{part.what:<{name}} {part.ms:>9.1f} ms  {'█' * round(WIDTH * part.ms / most)}".rstrip()
        for part in parts
    ]
