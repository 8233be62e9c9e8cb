"""`classifycloud models list`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli import options
from cli.address import UNSAID, Key, Url
from cli.exits import failed

if TYPE_CHECKING:
    from classifier.catalog import Catalog

COLUMNS = ("name", "version", "architecture", "inputSize", "classes", "precision")
ZOO_COLUMNS = ("name", "inputSize", "parameters", "multiplyAdds", "license")


def listing(
    folder: Annotated[
        Path | None,
        typer.Argument(help="A folder of bundles, ⟨name⟩/⟨version⟩/; without one, a service's."),
    ] = None,
    url: Url = UNSAID,
    key: Key = None,
    zoo: Annotated[bool, typer.Option("--zoo", help="The networks that `fetch` knows.")] = False,
    as_json: Annotated[bool, options.json_of("a list of objects")] = False,
) -> None:
    """List the models of a running service, or of a folder; a star marks the one that answers by default."""
    if zoo:
        _say(known(), as_json, ZOO_COLUMNS)
    elif folder is not None:
        _say(of_folder(folder), as_json, COLUMNS)
    else:
        of_service(url, key, as_json)


def of_service(url: str, key: str | None, as_json: bool) -> None:
    """What a running service has."""
    from cli.asking import asking

    with asking(url, key) as service:
        rows = [each.model_dump(mode="json", by_alias=True) for each in service.models()]
    _say(rows, as_json, COLUMNS)


def of_folder(folder: Path) -> list[dict[str, Any]]:
    """A row for each bundle in a catalog's folder; a damaged one ends the command."""
    from classifier.catalog import Catalog

    if not folder.is_dir():
        failed(f"{folder} is no folder")
    catalog = Catalog(folder)
    return [
        _row(catalog, name, each) for name in catalog.names() for each in catalog.versions(name)
    ]


def known() -> list[dict[str, Any]]:
    """A row for each network of the zoo."""
    from classifier.zoo import ZOO

    return [
        {
            "name": each.name,
            "inputSize": each.preprocessing.side,
            "parameters": each.parameters,
            "multiplyAdds": each.multiply_adds,
            "license": each.license,
        }
        for each in ZOO.values()
    ]


def table(rows: list[dict[str, Any]], columns: tuple[str, ...] = COLUMNS) -> str:
    """The rows under their headings, columns aligned."""
    cells = [columns, *(tuple(str(row.get(name, "-")) for name in columns) for row in rows)]
    widths = [max(len(line[column]) for line in cells) for column in range(len(columns))]
    stars = [" ", *("*" if row.get("default") else " " for row in rows)]
    return "\n".join(
        f"{star} {'  '.join(cell.ljust(width) for cell, width in zip(line, widths, strict=True))}"
        for star, line in zip(stars, cells, strict=True)
    )


def _row(catalog: "Catalog", name: str, version: str) -> dict[str, Any]:
    from classifier.errors import ClassifierError

    try:
        manifest = catalog.find(name, version).manifest
    except ClassifierError as error:
        failed(str(error))
    return {
        "name": name,
        "version": version,
        "architecture": manifest.architecture,
        "inputSize": manifest.preprocessing.side,
        "classes": manifest.classes,
        "precision": manifest.precision,
    }


def _say(rows: list[dict[str, Any]], as_json: bool, columns: tuple[str, ...]) -> None:
    import json

    typer.echo(json.dumps(rows) if as_json else table(rows, columns))
