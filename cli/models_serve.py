"""`classifycloud models promote` and `rollback`: which version answers."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated

import typer

from cli import deployment, options
from cli.deployment import Data, Deployment
from cli.exits import failed

if TYPE_CHECKING:
    from wire.index import Index

KNOWN_WITHIN = 10  # seconds; wire.index_store

AsJson = Annotated[bool, options.json_of("the model as it stands now")]
Name = Annotated[str, typer.Argument(help="The model's name.")]


def promote(
    name: Name,
    version: Annotated[
        str | None, typer.Argument(help="The version.", show_default="its canary")
    ] = None,
    default: Annotated[
        bool, typer.Option("--default", help="It also answers requests that name no model.")
    ] = False,
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Put a version into service for all requests that name none; its canary, where none is given."""
    from cli.models_serve_work import promoting

    place = deployment.find(data)
    index = changed(place, lambda before: promoting(before, name, version, default))
    if as_json:
        typer.echo(options.document(name=name, line=index.line(name)))
        return
    typer.echo(
        f"{name} {index.line(name).default} is in service on {place.where}; "
        f"every worker knows within {KNOWN_WITHIN} s."
    )


def rollback(name: Name, data: Data = None, as_json: AsJson = False) -> None:
    """Take a model's canary back; where there is none, the version that is in service."""
    from cli.models_serve_work import rolling_back

    place = deployment.find(data)
    index = changed(place, lambda before: rolling_back(before, name))
    gone, line = index.line(name).withdrawn[-1], index.line(name)
    if as_json:
        typer.echo(options.document(name=name, line=line))
        return
    typer.echo(
        f"{name} {gone.version} is taken back on {place.where}; "
        f"{line.default or 'the version of the folder'} answers within {KNOWN_WITHIN} s."
    )


def changed(place: Deployment, change: "Callable[[Index], Index]") -> "Index":
    """The index after a change; ends the command where that is refused."""
    from wire import index_store
    from wire.index import IndexRefused
    from wire.messages import Undecodable

    try:
        return deployment.ask(place, lambda store: index_store.changed(store, change))
    except IndexRefused as error:
        failed(str(error))
    except Undecodable as error:
        failed(
            f"models/index.json cannot be read ({error}): nothing was changed. "
            "Use the version of classifycloud that wrote it."
        )
