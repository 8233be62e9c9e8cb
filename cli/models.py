"""`classifycloud models`."""

from typing import Annotated, Any

import typer

from cli.address import Url
from cli.exits import failed

COLUMNS = ("name", "version", "architecture", "inputSize", "classes", "precision")


def models(
    url: Url = "http://127.0.0.1:8000",
    as_json: Annotated[bool, typer.Option("--json", help="As the service answers.")] = False,
) -> None:
    """List the models of a running service; a star marks the one that answers by default."""
    import json

    from cli.service import Service, Unanswered

    try:
        with Service(url) as service:
            rows = service.models()
    except Unanswered as error:
        failed(str(error))
    typer.echo(json.dumps(rows) if as_json else table(rows))


def table(rows: list[dict[str, Any]]) -> str:
    """The rows under their headings, columns aligned."""
    cells = [COLUMNS, *(tuple(str(row.get(name, "-")) for name in COLUMNS) for row in rows)]
    widths = [max(len(line[column]) for line in cells) for column in range(len(COLUMNS))]
    stars = [" ", *("*" if row.get("default") else " " for row in rows)]
    return "\n".join(
        f"{star} {'  '.join(cell.ljust(width) for cell, width in zip(line, widths, strict=True))}"
        for star, line in zip(stars, cells, strict=True)
    )
