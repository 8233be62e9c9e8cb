"""Whether a bundle is what it says: its files, that it loads, that it runs, that it knows a picture."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from classifier.bundle import Bundle
from classifier.engine import Engine
from classifier.engines.openvino import OpenVinoEngine
from classifier.errors import BundleBroken
from classifier.labels import top
from training.measuring import prepared

OFF = (
    5e-3  # by which a row may miss 1, and a picture among others itself alone: int8 and bf16 round
)


@dataclass(frozen=True)
class Known:
    """A picture and the name or id of the class that it has to get; None: whichever."""

    path: Path
    label: str | None


def verify(folder: Path, known: Sequence[Known]) -> list[str]:
    """What was found right, a line each.

    Raises:
        BundleBroken: what was found wrong.
        PicturesUnfit: a picture cannot be read.
    """
    bundle = Bundle.load(folder)
    for name in bundle.manifest.files:
        bundle.file(name)
    lines = [f"sha256   {len(bundle.manifest.files)} files"]
    engine = OpenVinoEngine.load(bundle)
    manifest = bundle.manifest
    lines.append(f"loads    {manifest.name} {manifest.version}, {manifest.precision}")
    check_runs(engine, bundle)
    lines.append(f"runs     batches of 1 and 3, {manifest.classes} probabilities each")
    return lines + [_judged(engine, bundle, each) for each in known]


def check_runs(engine: Engine, bundle: Bundle) -> None:
    """Noise gets probabilities, the same ones alone and in a batch; raises BundleBroken."""
    side = bundle.manifest.preprocessing.side
    noise = np.random.default_rng(0).integers(0, 256, (3, side, side, 3), dtype=np.uint8)
    rows, alone = engine.predict(noise), engine.predict(noise[2:])
    if rows.shape != (3, bundle.manifest.classes):
        raise BundleBroken(f"{bundle.network} answers 3 pictures with {rows.shape}")
    if not np.isfinite(rows).all() or np.abs(rows.sum(axis=1) - 1).max() > OFF:
        raise BundleBroken(f"{bundle.network} does not answer with probabilities")
    if np.abs(rows[2:] - alone).max() > OFF:
        raise BundleBroken(
            f"{bundle.network} answers a picture otherwise when others are beside it"
        )


def _judged(engine: Engine, bundle: Bundle, known: Known) -> str:
    batch = prepared([known.path], bundle.manifest.preprocessing)
    best = top(engine.predict(batch)[0], bundle.labels, 1)[0]
    said = f"{known.path} is {best.name} ({best.confidence:.1%})"
    wanted = known.label and known.label.casefold()
    if wanted and wanted not in (best.name.casefold(), best.class_id.casefold()):
        raise BundleBroken(f"{bundle.folder}: {said}, not {known.label}")
    return f"knows    {said}"
