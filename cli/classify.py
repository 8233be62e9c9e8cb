"""`classifycloud classify`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.address import Url
from cli.exits import FAILED, failed

if TYPE_CHECKING:
    from cli.service import Service


def classify(
    pictures: Annotated[
        list[str], typer.Argument(metavar="URL|FILE...", help="Pictures: URLs or files.")
    ],
    url: Url = "http://127.0.0.1:8000",
    top: Annotated[int, typer.Option(min=1, max=1000, help="Labels to show.")] = 5,
    model: Annotated[
        str | None, typer.Option(help="Which model.", show_default="the service's own choice")
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="One line of JSON per picture, as the service answers.")
    ] = False,
) -> None:
    """Ask a running service what is in each picture.

    Goes on after a picture that fails, and exits with 1 at the end when any did.
    """
    import json

    from cli.service import NoService, Service, Unanswered

    parameters = {"top": str(top)} | ({"model": model} if model else {})
    failures = 0
    with Service(url) as service:
        for picture in pictures:
            try:
                answer = _ask(service, picture, parameters)
            except NoService as error:
                failed(str(error))
            except Unanswered as error:
                failures += 1
                typer.echo(f"{picture}: {error}", err=True)
            else:
                typer.echo(json.dumps(answer) if as_json else shown(picture, answer))
    if failures:
        raise typer.Exit(FAILED)


def _ask(service: "Service", picture: str, parameters: dict[str, str]) -> dict[str, Any]:
    if is_url(picture):
        return service.classify_url(picture, parameters)
    return service.classify_file(Path(picture), parameters)


def is_url(picture: str) -> bool:
    """Whether the argument names something to fetch; everything without `scheme://` is a file."""
    return "://" in picture


def shown(picture: str, answer: dict[str, Any]) -> str:
    """The top label beside the picture, then the labels with their confidence."""
    lines = [f"{picture}: {answer.get('result')}"]
    for label in answer.get("labels", ()):
        lines.append(f"  {100 * label['confidence']:5.1f} %  {label['name']}")
    return "\n".join(lines)
