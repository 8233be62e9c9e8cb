"""Trains, measures and publishes the networks that ClassifyCloud serves.

    one machine:  KERAS_BACKEND=torch classifycloud train --recipe bundled --precision bfloat16 \\
                      --data DIR --out runs/a
    one GPU:      KERAS_BACKEND=jax python -m training fit --recipe bundled --data DIR --out runs/a
    laptop check: python -m training fit --recipe smoke --data DIR --out runs/smoke
    then:         python -m training publish --run runs/a --data DIR --out classifier/bundled
                  python -m training evaluate --bundle classifier/bundled/tiny-inception/1 --data DIR

Kill a run wherever you like: the same command goes on from its last checkpoint.
"""

from pathlib import Path
from typing import Annotated, Literal

import typer

from classifier.errors import ClassifierError
from training.errors import TrainingError

app = typer.Typer(help=__doc__, no_args_is_help=True, pretty_exceptions_enable=False)
Cache = Annotated[Path, typer.Option(help="where decoded pictures are kept")]
CACHE = Path(".classifycloud/cache")


@app.command()
def fit(
    data: Annotated[Path, typer.Option(help="folder of pictures")],
    out: Annotated[Path, typer.Option(help="the run's folder; go on by naming it again")],
    recipe: Annotated[str, typer.Option(help="a wrong one lists them")] = "bundled",
    epochs: Annotated[int | None, typer.Option(help="train longer or shorter", min=1)] = None,
    seed: int = 0,
    cache: Cache = CACHE,
) -> None:
    """As `classifycloud train --recipe`, and nothing after it."""
    from training.fit import Order
    from training.fit import fit as run_fit
    from training.lab.choice import Choice
    from training.lab.data import Wanted

    chosen = Choice(recipe, epochs=epochs).made()
    run_fit(Order(Wanted(str(data), cache), chosen, out, seed))


@app.command()
def publish(
    run: Annotated[Path, typer.Option(help="folder of a finished run")],
    data: Annotated[Path, typer.Option(help="folder of the Tiny ImageNet Parquet files")],
    out: Annotated[Path, typer.Option(help="catalog that the bundle is added to")],
    version: str = "1",
    cache: Cache = CACHE,
) -> None:
    """Make a model bundle from a finished run; measures it as it will be served."""
    from training.publish import publish as run_publish

    typer.echo(run_publish(run, data, cache, out, version).manifest.model_dump_json(indent=2))


@app.command()
def evaluate(
    bundle: Annotated[Path, typer.Option(help="folder with a manifest.json")],
    data: Annotated[Path, typer.Option(help="folder of the Tiny ImageNet Parquet files")],
    limit: Annotated[int | None, typer.Option(help="first pictures only", min=5)] = None,
    engine: Annotated[str, typer.Option(help="openvino, tensorflow")] = "openvino",
) -> None:
    """Measure a bundle on the validation split, through the serving preprocessing."""
    from classifier.bundle import Bundle
    from training.evaluate import ENGINES
    from training.evaluate import evaluate as run_evaluate

    if engine not in ENGINES:
        raise TrainingError(f"no engine named {engine!r}; there are: {', '.join(ENGINES)}")
    result = run_evaluate(Bundle.load(bundle), data, engine, limit)
    typer.echo(f"top-1 {result.top1:.2%}  top-5 {result.top5:.2%}  of {result.pictures} pictures")


@app.command("stand-in")
def stand_in(
    out: Annotated[Path, typer.Option(help="catalog that the bundle is added to")],
    architecture: Annotated[str, typer.Option(help="inception_v3, mobilenet_v2")] = "inception_v3",
    precision: Annotated[Literal["int8", "f16"], typer.Option()] = "int8",
) -> None:
    """Make a bundle with random weights, to measure speed with; nothing where it is there already."""
    from classifier.bundle import Bundle
    from training.stand_in import ARCHITECTURES, folder_of, make

    if architecture not in ARCHITECTURES:
        raise TrainingError(f"no network {architecture!r}; there are: {', '.join(ARCHITECTURES)}")
    folder = folder_of(out, architecture, precision)
    bundle = Bundle.load(folder) if folder.exists() else make(architecture, precision, out)
    typer.echo(bundle.folder)


def main() -> None:
    """Runs the command; what the operator can mend is one line, not a traceback."""
    try:
        app()
    except (TrainingError, ClassifierError) as error:
        raise SystemExit(f"error: {error}") from None


if __name__ == "__main__":
    main()
