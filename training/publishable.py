"""Whether a bundle is good enough to be put into service, by what its manifest and its report say. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from classifier.manifest import Manifest, Measurement
from training.gate import HeldTo, refusals
from training.metrics import Accuracy

UNMEASURED = (
    "nothing says how good it is; to measure it: "
    "classifycloud models evaluate FOLDER --data PICTURES --record"
)


@dataclass(frozen=True)
class Judgment:
    """Why a bundle is refused, and what else should be known; sentences."""

    refused: tuple[str, ...]
    notes: tuple[str, ...]


def judged(
    new: Manifest, report: Mapping[str, Any] | None, before: Manifest | None, least: float | None
) -> Judgment:
    """Held to what was asked for, to its data, and to what it would replace.

    Args:
        new: of the bundle.
        report: its `report.json`, where it was made from a run.
        before: of the version that answers now under its name.
        least: top-1 that is asked for, in 0..1.
    """
    measured = _as_served(new)
    if not measured:
        asked = (UNMEASURED,) if least is not None or before is not None else ()
        return Judgment(asked if least is not None else (), asked if least is None else ())
    notes = [f"over-fitting: {said}" for said in (report or {}).get("warnings", ())]
    if report is not None and report.get("finished") is None:
        notes.append(f"its training has not ended: this is epoch {report.get('epoch')}")
    newest = measured[-1]
    pair = _common(measured, _as_served(before)) if before is not None else None
    if before is not None and pair is None:
        notes.append(
            f"{before.name} {before.version}, which it replaces, was not measured on {newest.data}: "
            "they are not compared. classifycloud models evaluate --record does so for a bundle."
        )
    found = pair[0] if pair else newest
    held = HeldTo(
        least=least,
        majority=(report or {}).get("majority"),
        replaced=(f"{before.name} {before.version}", _accuracy(pair[1]))
        if before and pair
        else None,
    )
    return Judgment(tuple(refusals(_accuracy(found), held)), tuple(notes))


def _as_served(manifest: Manifest) -> list[Measurement]:
    """The measurements of the network that workers run; all, where none is said to be of it."""
    served = f"openvino {manifest.precision}"
    return [each for each in manifest.metrics if each.engine == served] or list(manifest.metrics)


def _common(
    new: list[Measurement], before: list[Measurement]
) -> tuple[Measurement, Measurement] | None:
    """The latest two on the same pictures."""
    for mine in reversed(new):
        for theirs in reversed(before):
            if (mine.data, mine.pictures) == (theirs.data, theirs.pictures):
                return mine, theirs
    return None


def _accuracy(found: Measurement) -> Accuracy:
    return Accuracy(found.top1, found.top5, found.pictures)
