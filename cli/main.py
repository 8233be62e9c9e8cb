"""The `classifycloud` command. Each command is a file beside this one and imports late what it runs."""

from importlib.metadata import version as installed_version
from typing import Annotated

import typer

from cli import (
    classify,
    dlq,
    explain,
    features,
    finetune,
    keys,
    loadtest,
    models,
    scale,
    simulate,
    trace,
    up,
)

app = typer.Typer(
    name="classifycloud",
    help="What is in this picture? A service whose worker fleet grows and shrinks by itself.",
    epilog="Exit codes: 0 done, 1 failed (the text says why), 2 wrong use or a wrong setting.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_show_locals=False,
)
app.command("up")(up.up)
app.command("classify")(classify.classify)
app.command("features")(features.features)
app.command("finetune")(finetune.finetune)
app.command("loadtest")(loadtest.loadtest)
app.command("simulate")(simulate.simulate)
app.command("trace")(trace.trace)
app.command("explain")(explain.explain)
app.command("scale")(scale.scale)
app.add_typer(models.app)
app.add_typer(dlq.app)
app.add_typer(keys.app)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"classifycloud {installed_version('classifycloud')}")
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
