"""`classifycloud tune`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli import options, train
from cli.exits import failed, stopped
from cli.flags_file import FlagsFile
from cli.reasons import refusing

if TYPE_CHECKING:
    import optuna

    from training.tuning.search import Plan

SpaceFile = Annotated[
    Path,
    typer.Argument(
        metavar="SPACE.yaml",
        help="What to search: `rate: {from: 1e-4, to: 0.1, scale: log}`, `batch: [16, 32]`.",
        dir_okay=False,
        exists=True,
    ),
]
Trials = Annotated[int, typer.Option(min=1, help="How many, those of earlier calls included.")]
AtOnce = Annotated[int, typer.Option(min=1, max=64, help="Of them, in processes of their own.")]
Out = Annotated[
    Path | None, typer.Option(help="The study's folder.", show_default="runs/tune-NAME")
]
Seed = Annotated[int, typer.Option(help="Of all chance, the same for each trial.")]
SkipBroken = Annotated[
    bool, typer.Option("--skip-broken", help="Leave out pictures that cannot be read.")
]
Cache = Annotated[Path, typer.Option(help="Where decoded pictures are kept.")]


def tune(
    space: SpaceFile,
    data: train.Data = None,
    model: train.Model = None,
    recipe: train.Recipe = None,
    out: Out = None,
    trials: Trials = 20,
    at_once: AtOnce = 1,
    epochs: train.Epochs = None,
    side: train.Side = None,
    augment: train.Augment = None,
    patience: train.Patience = None,
    validation: train.Share = 0.2,
    seed: Seed = 0,
    skip_broken: SkipBroken = False,
    cache: Cache = Path(".classifycloud/cache"),
    flags: FlagsFile = None,  # noqa: ARG001
    as_json: Annotated[bool, options.json_of("the best trial and all others")] = False,
) -> None:
    """Search for the options that a network learns best with: the highest top-1 on the validation pictures.

    Each trial is a run like `train`'s. One that is worse than the median of the others after the same epoch
    is ended. Stop it with Ctrl-C, or kill any of its processes: the same command goes on, trials that are
    done are not repeated, and one that was lost goes on from its checkpoint.
    """
    with refusing():
        from training.tuning.search import search
        from training.tuning.watching import Terminal

        choice = {
            "recipe": recipe,
            "model": model,
            "side": side,
            "epochs": epochs,
            "augment": augment,
            "patience": patience,
        }
        fixed = {
            "data": str(Path(data).resolve()) if data and "://" not in data else data,
            "cache": str(cache.resolve()),
            "share": validation,
            "lenient": skip_broken,
            "seed": seed,
            "choice": choice,
        }
        out = out or Path("runs") / f"tune-{recipe or model}"
        plan = _planned(space, out, fixed, trials, at_once)
        try:
            with Terminal(trials) as watch:
                study = search(plan, watch)
        except KeyboardInterrupt:
            stopped(
                f"Stopped; all that was done is kept in {plan.folder}: the same command goes on."
            )
        _told(study, plan, as_json)


def _planned(space: Path, out: Path, fixed: dict[str, Any], trials: int, at_once: int) -> "Plan":
    """All that can be found wrong, pictures included, is found before the first trial."""
    from training.tuning.journal import DESCRIPTION
    from training.tuning.options import SETTERS
    from training.tuning.search import Plan
    from training.tuning.space import SpaceUnfit, parsed

    try:
        found = parsed(space.read_text(encoding="utf-8"), tuple(SETTERS))
    except (OSError, UnicodeDecodeError) as error:
        raise SpaceUnfit(f"{space} cannot be read: {error}") from error
    except SpaceUnfit as error:
        raise SpaceUnfit(f"{space}: {error}") from error
    # What a study was begun with has been looked at; Keras takes seconds to load.
    if not (out / DESCRIPTION).exists():
        from training.lab.choice import Choice
        from training.lab.data import Wanted, opened

        pictures = Wanted(fixed["data"], Path(fixed["cache"]), fixed["share"], fixed["lenient"])
        opened(pictures, Choice(**fixed["choice"]).made(), fixed["seed"])
    return Plan(out, found, fixed, trials, at_once, int(fixed["seed"]))


def _told(study: "optuna.Study", plan: "Plan", as_json: bool) -> None:
    from training.report.making import make
    from training.tuning import ledger, results

    written = results.keep(study, plan.folder)
    trials = study.get_trials(deepcopy=False)
    found, first = results.outcomes(trials), results.best(trials)
    if first is None:
        failed(f"No trial could be done: see {written[0]} and {plan.folder / 'logs'}")
    run = plan.folder / first.user_attrs[ledger.RUN]
    report = make(run).page
    if as_json:
        typer.echo(options.document(best=first.number, run=run, report=report, trials=found))
        return
    typer.echo(results.shown(found))
    for path in written:
        typer.echo(path)
    typer.echo(f"best: trial {first.number}, top-1 {first.value:.2%}\n{run}\n{report}")
