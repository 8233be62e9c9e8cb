"""`python -m bench.finetune DATA`: a few pictures of five classes, fine-tuned and from nothing.

The same pictures and epochs for both, measured on pictures that neither has seen; what is fine-tuned is
measured as it is served. The bundled model was itself trained on all classes of Tiny ImageNet, so
these five are new to the head and not to what is below it: with a base trained without them the lead would be
smaller.
"""

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Annotated

import typer

from bench.finetune.pictures import laid_out
from classifier.bundle import Bundle
from classifier.catalog import Catalog

COMMAND = Path(sys.executable).parent / "classifycloud"
INSECTS = "bee,fly,ladybug,grasshopper,mantis"
DOGS = "German shepherd,Labrador retriever,golden retriever,Yorkshire terrier,Chihuahua"


def main(
    data: Annotated[Path, typer.Argument(help="Folder of the Tiny ImageNet Parquet files.")],
    classes: Annotated[
        list[str] | None, typer.Option(help="Their names, comma between; several times.")
    ] = None,
    count: Annotated[int, typer.Option(help="Pictures of each to learn from.")] = 50,
    epochs: Annotated[int, typer.Option(help="Of each way.")] = 30,
    seeds: Annotated[int, typer.Option(min=1, help="Runs of each, by seeds 0, 1, …")] = 3,
) -> None:
    """Fine-tune and train from nothing; print both accuracies."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    for group in classes or [INSECTS, DOGS]:
        names = [name.strip() for name in group.split(",")]
        typer.echo(
            f"{group}: {count} pictures each, {epochs} epochs, {50 * len(names)} to measure on"
        )
        runs = [_run(data, names, count, epochs, seed) for seed in range(seeds)]
        tuned, nothing = (sum(shares) / seeds for shares in zip(*runs, strict=True))
        typer.echo(
            f"mean    fine-tuned {tuned:.1%}, from nothing {nothing:.1%}: {tuned / nothing:.2f}"
        )


def _run(data: Path, names: list[str], count: int, epochs: int, seed: int) -> tuple[float, float]:
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        learn = laid_out(data, "train", names, count, folder / "learn")
        measure = laid_out(data, "validation", names, 50, folder / "measure")
        tuned, seconds = _fine_tuned(learn, measure, folder / "models", epochs, seed)
        began = time.monotonic()
        nothing = _from_nothing(learn, measure, epochs, seed)
        typer.echo(
            f"seed {seed}  fine-tuned {tuned:.1%} in {seconds:.0f} s, "
            f"from nothing {nothing:.1%} in {time.monotonic() - began:.0f} s"
        )
    return tuned, nothing


def _fine_tuned(
    learn: Path, measure: Path, out: Path, epochs: int, seed: int
) -> tuple[float, float]:
    """Top-1 of the served network, and the seconds from the command to the bundle."""
    began = time.monotonic()
    asked = [str(COMMAND), "finetune", "--data", str(learn), "--validation", str(measure)]
    asked += ["--out", str(out), "--epochs", str(epochs), "--seed", str(seed)]
    subprocess.run(asked, check=True)
    seconds = time.monotonic() - began
    return Bundle.load(out / "learn" / "1").manifest.metrics[-1].top1, seconds


def _from_nothing(learn: Path, measure: Path, epochs: int, seed: int) -> float:
    import keras

    from bench.finetune import scratch

    bundle = Catalog().find()
    spec = bundle.manifest.preprocessing
    base = keras.saving.load_model(bundle.keras, compile=False)
    pictures = scratch.arrays(learn, spec)
    model = scratch.from_nothing(base, len(set(pictures[1].tolist())), seed)
    scratch.taught(model, pictures, epochs, seed)
    return scratch.right(model, scratch.arrays(measure, spec))


if __name__ == "__main__":
    typer.run(main)
