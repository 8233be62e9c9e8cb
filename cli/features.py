"""`classifycloud features`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.address import Url
from cli.classify import is_url
from cli.exits import failed
from cli.places import writable

if TYPE_CHECKING:
    from cli.service import Features, Service

FIRST = 6  # values that are shown


def features(
    picture: Annotated[str, typer.Argument(metavar="URL|FILE", help="A picture: a URL or a file.")],
    layer: Annotated[str, typer.Option(help="Its name; a wrong one is told those there are.")],
    url: Url = "http://127.0.0.1:8000",
    model: Annotated[
        str | None, typer.Option(help="Which model.", show_default="the service's own choice")
    ] = None,
    out: Annotated[
        Path | None, typer.Option(metavar="FILE.npy", help="Keep it as a file of NumPy's.")
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="All of it as JSON, as the service answers.")
    ] = False,
) -> None:
    """Ask a running service what a layer of its model makes of a picture."""
    from cli.service import Service, Unanswered

    if out is not None:
        writable(out)
    parameters = {"layer": layer} | ({"model": model} if model else {})
    with Service(url) as service:
        try:
            if as_json:
                typer.echo(_asked(service, picture, parameters).content, nl=False)
                return
            found = _asked(service, picture, parameters | {"format": "npy"})
        except Unanswered as error:
            failed(str(error))
    if out is not None:
        out.write_bytes(found.content)
    typer.echo(shown(layer, found))


def _asked(service: "Service", picture: str, parameters: dict[str, str]) -> "Features":
    if is_url(picture):
        return service.features_url(picture, parameters)
    return service.features_file(Path(picture), parameters)


def shown(layer: str, found: "Features") -> str:
    """Its shape and kind, and its first values."""
    values = found.values(FIRST)
    text = "  ".join(f"{value:.5g}" for value in values)
    shape = "x".join(map(str, found.shape))
    return f"{layer}  {shape} {found.dtype}  {text}  ..."
