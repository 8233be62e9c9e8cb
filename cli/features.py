"""`classifycloud features`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli import options
from cli.address import UNSAID, Key, Url
from cli.exits import failed
from cli.places import writable

if TYPE_CHECKING:
    from classifycloud.client import Features
    from classifycloud.client.wishes import LayerWishes

FIRST = 6  # values that are shown


def features(
    picture: Annotated[str, typer.Argument(metavar="URL|FILE", help="A picture: a URL or a file.")],
    layer: Annotated[str, typer.Option(help="Its name; a wrong one is told those there are.")],
    url: Url = UNSAID,
    key: Key = None,
    model: options.Model = None,
    model_version: options.ModelVersion = None,
    timeout: options.Timeout = options.TIMEOUT,
    out: Annotated[
        Path | None, typer.Option(metavar="FILE.npy", help="Keep it as a file of NumPy's.")
    ] = None,
    as_json: Annotated[bool, options.json_of("all of it, as the service answers")] = False,
) -> None:
    """Ask a running service what a layer of its model makes of a picture."""
    from cli.asking import asking, explained

    if out is not None:
        writable(out)
    wishes: LayerWishes = {"form": "json" if as_json else "npy"}
    if model is not None:
        wishes["model"] = model
    if model_version is not None:
        wishes["version"] = model_version
    with asking(url, key, timeout) as service:
        try:
            found = service.features(picture, layer, **wishes)
        except OSError as error:
            failed(f"{picture}: {explained(error)}")
    if out is not None:
        out.write_bytes(found.as_npy())
    typer.echo(found.content.decode(), nl=False) if as_json else typer.echo(shown(layer, found))


def shown(layer: str, found: "Features") -> str:
    """Its shape and kind, and its first values."""
    text = "  ".join(f"{value:.5g}" for value in found.values()[:FIRST])
    shape = "x".join(map(str, found.shape))
    return f"{layer}  {shape} float32  {text}  ..."
