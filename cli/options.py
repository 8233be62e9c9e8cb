"""Options that several commands have: the same names, the same words."""

from typing import Annotated, Any

import typer

PATIENCE = 1.0  # seconds that whoever presses Tab waits


def json_of(what: str, **more: Any) -> Any:
    """`--json`."""
    return typer.Option("--json", help=f"JSON on stdout: {what}.", **more)


def models_there(context: typer.Context, incomplete: str) -> list[str]:
    """For the shell: the models of the service that the command line names; none where it does not answer."""
    from classifycloud.client import ClassifyCloudError, Client

    given = context.params
    try:
        with Client(given.get("url"), given.get("key"), timeout=PATIENCE) as client:
            names = {each.name for each in client.models()}
    except (ClassifyCloudError, ValueError):
        return []
    return sorted(each for each in names if each.startswith(incomplete))


def document(**parts: Any) -> str:
    """One JSON object in a line; paths, and whatever else is nothing of JSON's, as their text."""
    import json
    from dataclasses import asdict, is_dataclass

    from pydantic import BaseModel

    def plain(value: Any) -> Any:
        if isinstance(value, BaseModel):
            return value.model_dump(mode="json", by_alias=True)
        if is_dataclass(value) and not isinstance(value, type):
            return asdict(value)
        return str(value)

    return json.dumps(parts, default=plain)


Model = Annotated[
    str | None,
    typer.Option(
        help="Which model.", show_default="the service's own choice", autocompletion=models_there
    ),
]
ModelVersion = Annotated[
    str | None, typer.Option(help="Which version of it.", show_default="the latest")
]
Timeout = Annotated[
    float,
    typer.Option(min=0.1, metavar="SECONDS", help="Of one picture, all tries together."),
]
TIMEOUT = 300.0
