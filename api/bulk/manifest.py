"""The manifest: which pictures, in which order. Pure."""

import io
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import TypeAdapter

from api.bulk import document
from api.bulk.kept import MOST, PIECE, Outcome, Row
from wire.errors import InvalidParameter, ServiceError
from wire.inputs import Place
from wire.messages import ErrorBody

LONGEST_ID = 64  # characters
SHOWN = (
    2048  # characters that are kept of a URL which is refused: all of every one that can be taken
)
_ROWS = TypeAdapter(list[Row])

Judge = Callable[[str], object]
"""Raises the ServiceError for which a URL is refused by its text."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A row as a client gave it; `was` is its number in the bulk job of which it is tried again."""

    url: str
    id: str | None = None
    was: int | None = None


def listed(body: Any) -> list[Wanted]:
    """What a JSON document asks for: a list, or `{"urls": [...]}`; of URLs, or of `{"url", "id"}`.

    Raises:
        InvalidParameter: it is neither; the text says which item is wrong.
    """
    return _wanted(enumerate(_list(body)))


def lines(body: bytes) -> list[Wanted]:
    """What a body of JSON lines asks for: a URL in quotes, or `{"url", "id"}`, a line. Raises as `listed`."""
    texts = enumerate(io.BytesIO(body))
    return _wanted(
        (at, document.parsed(text, f"Line {at + 1} is no JSON."))
        for at, text in texts
        if text.strip()
    )


def judged(wanted: Iterable[Wanted], judge: Judge) -> list[Row]:
    """The rows; those that are refused by their text say so."""
    return [_judged(row, each, judge) for row, each in enumerate(wanted)]


def of_objects(bucket: str, keys: Iterable[str]) -> list[Row]:
    """The rows of what was found in a bucket."""
    return [Row(row=at, url=Place(bucket, key).url) for at, key in enumerate(keys)]


def pieces(rows: Sequence[Row]) -> list[bytes]:
    """The manifest as it is kept."""
    return [_written(rows[at : at + PIECE]) for at in range(0, len(rows), PIECE)]


def read(piece: bytes) -> list[Row]:
    """The rows of one piece."""
    return _ROWS.validate_json(b"[" + b",".join(piece.splitlines()) + b"]")


def refusals(rows: Iterable[Row]) -> bytes:
    """The part that says what became of rows which are never sent."""
    refused = [Outcome.failed(each.row, each.refused) for each in rows if each.refused is not None]
    return "".join(f"{each.line()}\n" for each in refused).encode()


def _written(rows: Iterable[Row]) -> bytes:
    text = (each.model_dump_json(by_alias=True, exclude_none=True) for each in rows)
    return "".join(f"{line}\n" for line in text).encode()


def _judged(row: int, wanted: Wanted, judge: Judge) -> Row:
    try:
        judge(wanted.url)
    except ServiceError as error:
        shown = wanted.url[:SHOWN].encode(errors="replace").decode()
        refused = ErrorBody.of(error)
        return Row(row=row, url=shown, id=wanted.id, was=wanted.was, refused=refused)
    return Row(row=row, url=wanted.url, id=wanted.id, was=wanted.was)


def _list(given: Any) -> list[Any]:
    found = given.get("urls") if isinstance(given, dict) else given
    if not isinstance(found, list):
        raise InvalidParameter('The body must be a list of URLs, or {"urls": [...]}.')
    return found


def _wanted(given: Iterable[tuple[int, Any]]) -> list[Wanted]:
    found: list[Wanted] = []
    for at, each in given:
        if len(found) == MOST:
            raise InvalidParameter(f"A bulk job has at most {MOST} rows; send several.")
        found.append(_one(at, each))
    if not found:
        raise InvalidParameter("There is nothing to classify: the list is empty.")
    return found


def _one(at: int, given: Any) -> Wanted:
    if isinstance(given, str):
        return Wanted(given)
    if isinstance(given, dict) and isinstance(given.get("url"), str):
        name = given.get("id")
        if name is None or (isinstance(name, str) and _is_id(name)):
            return Wanted(given["url"], name)
        raise InvalidParameter(
            f"Item {at + 1}: an id has 1 to {LONGEST_ID} visible ASCII characters."
        )
    raise InvalidParameter(f'Item {at + 1} is neither a URL nor {{"url": …}}.')


def _is_id(text: str) -> bool:
    return 0 < len(text) <= LONGEST_ID and all("!" <= char <= "~" for char in text)
