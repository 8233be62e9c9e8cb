"""`classifycloud train`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from cli import options, train_spark
from cli.exits import misused, stopped
from cli.flags_file import FlagsFile
from cli.reasons import refusing

if TYPE_CHECKING:
    from training.fit import Order
    from training.lab.run_folder import RunFolder
    from training.spark.fitting import Cluster

Data = Annotated[
    str | None,
    typer.Option(
        metavar="DIR|s3://BUCKET/PREFIX",
        help="A folder of pictures for each class, Parquet shards, or the files of a known data set.",
        show_default="what the recipe can fetch",
    ),
]
Model = Annotated[
    str | None, typer.Option(metavar="NETWORK", help="By its name; a wrong one lists them.")
]
Recipe = Annotated[
    str | None, typer.Option(metavar="NAME", help="An experiment; a wrong one lists them.")
]
Epochs = Annotated[
    int | None,
    typer.Option(min=1, help="At most so many.", show_default="the recipe's, or 30"),
]
Batch = Annotated[
    int | None,
    typer.Option(min=1, help="Pictures of an update.", show_default="the recipe's, or 32"),
]
Rate = Annotated[
    float | None,
    typer.Option(
        min=1e-9,  # of none nothing would be learned
        help="The highest learning rate.",
        show_default="the recipe's, or 0.001",
    ),
]
Side = Annotated[int | None, typer.Option(min=8, max=1024, help="Pixels of its pictures.")]
Augment = Annotated[
    str | None,
    typer.Option(
        metavar="none|shift=0.1,rotate=10,zoom=0.1,flip,randaugment=2,magnitude=9,mixup=0.2",
        help="How training pictures are varied.",
    ),
]
Patience = Annotated[
    int | None,
    typer.Option(
        min=0, help="Stop after so many epochs without a lower validation loss; 0: never."
    ),
]
Precision = Annotated[
    Literal["float32", "bfloat16"] | None,
    typer.Option(help="Of what is computed.", show_default="the recipe's, or float32"),
]
Share = Annotated[
    float,
    typer.Option(
        min=0.01, max=0.9, help="Held out to measure on, if no validation folder is there."
    ),
]
Devices = Annotated[int, typer.Option(min=1, help="GPUs that share each batch.")]
SaveEvery = Annotated[
    float,
    typer.Option(
        min=0, metavar="SECONDS", help="Between checkpoints within an epoch; 0: one each batch."
    ),
]
SkipBroken = Annotated[
    bool, typer.Option("--skip-broken", help="Leave out pictures that cannot be read.")
]
Cache = Annotated[Path, typer.Option(help="Where decoded pictures are kept.")]


def train(
    context: typer.Context,
    data: Data = None,
    model: Model = None,
    recipe: Recipe = None,
    out: Annotated[
        Path | None, typer.Option(help="The run's folder.", show_default="runs/NAME")
    ] = None,
    epochs: Epochs = None,
    batch: Batch = None,
    rate: Rate = None,
    side: Side = None,
    augment: Augment = None,
    patience: Patience = None,
    precision: Precision = None,
    validation: Share = 0.2,
    seed: Annotated[int, typer.Option(help="Of all chance.")] = 0,
    devices: Devices = 1,
    grid: Annotated[bool, typer.Option("--grid", help="All runs of the recipe's grid.")] = False,
    skip_broken: SkipBroken = False,
    cache: Cache = Path(".classifycloud/cache"),
    save_every: SaveEvery = 30.0,
    spark: train_spark.Master = None,
    executors: train_spark.Executors = None,
    scheme: train_spark.Scheme = "all-reduce",
    conf: train_spark.Settings = None,
    flags: FlagsFile = None,  # noqa: ARG001
    as_json: Annotated[bool, options.json_of("the run's folder and how it ended")] = False,
) -> None:
    """Train a network on a folder of pictures, and say how good it is.

    Stop it with Ctrl-C, or kill it wherever you like: the same command goes on, to the same end. A run is a
    folder: its log, checkpoint, best network, TensorBoard's events and a report. What is next:
    `classifycloud models publish RUN`.
    """
    if spark is not None and (grid or devices > 1):
        misused("--spark goes with neither --grid nor --devices")
    if spark == "emr":
        from cli.train_emr import trained

        trained(context, recipe or model or "run", out, data, executors, conf)
    with refusing():
        from training.fit import Order
        from training.lab.choice import Choice
        from training.lab.data import Wanted

        chosen = Choice(
            recipe, model, side, epochs, batch, rate, augment, patience, precision
        ).made()
        place = out or Path("runs") / (chosen.name if recipe else chosen.architecture)
        wanted = Wanted(data, cache, validation, skip_broken)
        order = Order(wanted, chosen, place, seed, devices, save_every)
        try:
            if grid:
                _grid(order, as_json)
            else:
                cluster = train_spark.cluster_of(spark, executors, scheme, conf)
                _told(_one(order, cluster), as_json)
        except KeyboardInterrupt:
            stopped(f"Stopped; all that was done is kept in {place}: the same command goes on.")


def _one(order: "Order", cluster: "Cluster | None") -> "RunFolder":
    from training.report.making import make

    run = _fitted(order, cluster)
    made = make(run.folder)
    for said in made.figures.warnings:
        typer.echo(f"over-fitting: {said}", err=True)
    return run


def _fitted(order: "Order", cluster: "Cluster | None") -> "RunFolder":
    if cluster is None:
        from training.fit import fit

        return fit(order)
    from training.spark.fitting import fit as fit_on_cluster

    return fit_on_cluster(order, cluster)


def _told(run: "RunFolder", as_json: bool) -> None:
    said = run.summary or {}
    if as_json:
        typer.echo(options.document(run=run.folder, **said))
        return
    best = run.best_row
    if best is not None:
        typer.echo(
            f"epoch {best.epoch} of {said.get('epochs')}: top-1 {best.validation_top1:.2%}  "
            f"top-5 {best.validation_top5:.2%}  of {run.identity['pictures']['validation']} pictures"
        )
    for each in run.identity["recipe"].get("published", ()):
        top5 = "" if each["top5"] is None else f"  top-5 {each['top5']:.2%}"
        typer.echo(f"literature, {each['what']}: top-1 {each['top1']:.2%}{top5}")
    typer.echo(run.folder / "report.html")


def _grid(order: "Order", as_json: bool) -> None:
    from training.lab import grid

    points = grid.run(order, lambda said: typer.echo(said, err=True))
    if as_json:
        typer.echo(options.document(table=order.out / grid.TABLE, runs=points))
        return
    typer.echo(grid.shown(points, order.recipe.published))
    typer.echo(order.out / grid.TABLE)
