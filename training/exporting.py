"""A bundle again, its network in a smaller precision, if that costs no more than a point of accuracy."""

import math
import shutil
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal, TypeAlias

import openvino

from classifier.bundle import KERAS, MANIFEST, NETWORK, WEIGHTS, Bundle
from classifier.errors import BundleBroken
from classifier.manifest import Measurement
from training import bundling, network
from training.errors import Unservable
from training.gate import WORST_DROP, first_good
from training.measuring import measure, prepared
from training.metrics import Accuracy
from training.pictures import Labeled

Precision: TypeAlias = Literal["int8", "bf16", "f16", "f32"]
WIDER: dict[Precision, tuple[Precision, ...]] = {
    "int8": ("int8", "bf16", "f32"),
    "f16": ("f16", "f32"),
    "bf16": ("bf16", "f32"),
    "f32": ("f32",),
}
"""What is tried for what is asked for, in this order."""


UNABLE = Accuracy(-math.inf, -math.inf, 0)
"""Of a network that does not run: no accuracy is as bad."""


@dataclass(frozen=True)
class Exported:
    """The new bundle, and how each precision did.

    Args:
        tried: each that was measured: first float32, last the served one.
        unable: of those that OpenVINO could not run, why.
    """

    bundle: Bundle
    tried: tuple[tuple[Precision, Accuracy], ...]
    unable: tuple[str, ...] = ()


def export(
    bundle: Bundle,
    folder: Path,
    precision: Precision,
    calibration: Sequence[Path],
    labeled: Sequence[Labeled],
    data: str,
) -> Exported:
    """Writes the bundle's next version into `folder`.

    Args:
        precision: the one to serve if it does.
        calibration: pictures that int8's ranges are taken from.
        labeled: what accuracy is measured on; `data` names it in the manifest.

    Raises:
        Unservable: the bundle has nothing wider than int8 to start from.
        PicturesUnfit, BundleExists, BundleBroken: nothing is left behind.
    """
    wide = _wide(bundle)
    tried: list[tuple[Precision, Accuracy]] = []
    unable: list[str] = []
    with bundling.new(folder) as staging:
        _copy_rest(bundle, staging)
        made = _makers(wide, bundle, calibration)

        def measured(candidate: Precision) -> Accuracy:
            made[candidate](staging / NETWORK)
            told = {"version": folder.name, "precision": candidate}
            written = bundling.complete(staging, bundle.manifest.model_copy(update=told))
            try:
                found = measure(written, labeled)
            except BundleBroken as error:
                if candidate == "f32":
                    raise
                unable.append(f"{candidate} cannot be run: {error}")
                return UNABLE
            tried.append((candidate, found))
            return found

        reference = measured("f32")
        if precision != "f32":
            first_good(WIDER[precision], measured, reference)
        served = tried[-1][0]
        notes = _notes(precision, served, bool(unable), bundle.manifest.notes)
        manifest = bundle.manifest.model_copy(
            update={
                "version": folder.name,
                "precision": served,
                "metrics": _metrics(tried, data),
                "notes": notes,
            }
        )
        bundling.complete(staging, manifest)
    return Exported(Bundle.load(folder), tuple(tried), tuple(unable))


def _wide(bundle: Bundle) -> openvino.Model:
    """The network in float32, taking bytes: the served one, or Keras's where that is not as wide."""
    if KERAS in bundle.manifest.files and bundle.manifest.precision != "f32":
        from training import export
        from training.keras_source import read

        side = bundle.manifest.preprocessing.side
        return network.taking_bytes(export.openvino_network(read(bundle.keras), side))
    core = openvino.Core()
    core.set_property({"ENABLE_MMAP": False})
    found = core.read_model(bundle.network)
    if network.is_quantized(found):
        raise Unservable(
            f"{bundle.folder} is int8 and has no {KERAS}: there is nothing wider to start from"
        )
    return found


def _makers(
    wide: openvino.Model, bundle: Bundle, calibration: Sequence[Path]
) -> dict[Precision, Callable[[Path], None]]:
    """How each precision's network is written. bf16 is computed, and f16 kept, by whichever CPU serves."""

    def small(path: Path) -> None:
        pictures = prepared(calibration, bundle.manifest.preprocessing)
        network.save(network.quantized_fast(wide.clone(), pictures), path)

    return {
        "int8": small,
        "bf16": lambda path: network.save(wide, path),
        "f16": lambda path: network.save(wide, path),
        "f32": lambda path: network.save_exact(wide, path),
    }


def _copy_rest(bundle: Bundle, staging: Path) -> None:
    for name in bundle.manifest.files.keys() - {MANIFEST, NETWORK, WEIGHTS}:
        shutil.copyfile(bundle.folder / name, staging / name)


def _metrics(tried: Sequence[tuple[Precision, Accuracy]], data: str) -> tuple[Measurement, ...]:
    return tuple(
        Measurement(engine=f"openvino {precision}", data=data, **asdict(found))
        for precision, found in tried
    )


def _notes(asked: Precision, served: Precision, unable: bool, before: str) -> str:
    if asked == served:
        return before
    if unable:
        return f"{before} {asked} was asked for; {served} is served: OpenVINO cannot run {asked}.".strip()
    why = f"{asked} was asked for; {served} is served, for {asked} costs over {WORST_DROP * 100:g} point."
    return f"{before} {why}".strip()
