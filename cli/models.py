"""`classifycloud models`: which there are, and from a network of one's own to one in service.

Each sub-command is a file `models_⟨what⟩.py` beside this one and imports late what it runs.
"""

from typing import Annotated

import typer

from cli import (
    models_evaluate,
    models_export,
    models_fetch,
    models_import,
    models_list,
    models_publish,
    models_serve,
    models_show,
    models_verify,
    options,
)
from cli.address import UNSAID, Key, Url
from cli.models_list import table as table

app = typer.Typer(name="models")
app.command("list")(models_list.listing)
app.command("show")(models_show.show)
app.command("fetch")(models_fetch.fetch)
app.command("import")(models_import.importing)
app.command("export")(models_export.export)
app.command("verify")(models_verify.verify)
app.command("evaluate")(models_evaluate.evaluate)
app.command("publish")(models_publish.publish)
app.command("promote")(models_serve.promote)
app.command("rollback")(models_serve.rollback)

AsJson = Annotated[bool, options.json_of("a list of objects")]


@app.callback(invoke_without_command=True)
def models(
    context: typer.Context, url: Url = UNSAID, key: Key = None, as_json: AsJson = False
) -> None:
    """The models of a running service; and to fetch, import, export, measure and publish models.

    Without a command: as `list`.
    """
    if context.invoked_subcommand is None:
        models_list.of_service(url, key, as_json)
