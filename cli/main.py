"""The `classifycloud` command. Each command is a file beside this one and imports late what it runs."""

from typing import Annotated

import typer

from cli import (
    bulk,
    classify,
    cost,
    deploy,
    dlq,
    explain,
    features,
    finetune,
    keys,
    loadtest,
    models,
    remote,
    report,
    scale,
    simulate,
    trace,
    trace_job,
    train,
    tune,
    up,
    webhooks,
)
from cli.exits import BRIEFLY

ASK, RUN, LOOK, PLAN, MAKE = (
    "Ask a service",
    "Run one",
    "See what it does, and did",
    "Measure and plan",
    "Make models",
)
_EXITS = ", ".join(f"{code} {said}" for code, said in BRIEFLY.items())

app = typer.Typer(
    name="classifycloud",
    help="What is in this picture? A service whose worker fleet grows and shrinks by itself.",
    epilog=f"Exit codes: {_EXITS}. With --json, stdout has JSON alone; all else goes to stderr.",
    no_args_is_help=True,
    pretty_exceptions_show_locals=False,
)
app.command("classify", rich_help_panel=ASK)(classify.classify)
app.command("bulk", rich_help_panel=ASK)(bulk.bulk)
app.command("features", rich_help_panel=ASK)(features.features)
app.command("up", rich_help_panel=RUN)(up.up)
app.command("scale", rich_help_panel=RUN)(scale.scale)
app.add_typer(keys.app, rich_help_panel=RUN)
app.add_typer(webhooks.app, rich_help_panel=RUN)
app.add_typer(dlq.app, rich_help_panel=RUN)
app.add_typer(deploy.app, rich_help_panel=RUN)
app.command("explain", rich_help_panel=LOOK)(explain.explain)
app.command("trace", rich_help_panel=LOOK)(trace.trace)
app.command("trace-job", rich_help_panel=LOOK)(trace_job.trace_job)
app.command("loadtest", rich_help_panel=PLAN)(loadtest.loadtest)
app.command("simulate", rich_help_panel=PLAN)(simulate.simulate)
app.command("cost", rich_help_panel=PLAN)(cost.cost)
app.add_typer(models.app, rich_help_panel=MAKE)
app.command("train", rich_help_panel=MAKE)(train.train)
app.command("finetune", rich_help_panel=MAKE)(finetune.finetune)
app.command("tune", rich_help_panel=MAKE)(tune.tune)
app.command("report", rich_help_panel=MAKE)(report.report)
app.add_typer(remote.app, rich_help_panel=MAKE)


def _version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        typer.echo(f"classifycloud {version('classifycloud')}")
        raise typer.Exit


@app.callback()
def _main(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    """What is in this picture? A service whose worker fleet grows and shrinks by itself."""


if __name__ == "__main__":
    app()
