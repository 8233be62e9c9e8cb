"""From manifest and parts to results: a line a row, once, in the manifest's order. Pure."""

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from api.bulk.kept import Row
from wire.messages import ErrorBody

Best = tuple[bool, float, bytes]
"""Whether it failed, when it came, its line: the least of a row's outcomes is the one that counts."""


def merge(best: dict[int, Best], part: bytes) -> None:
    """Take in what a part says: of several outcomes of a row a success counts, then the first one."""
    for line in part.splitlines():
        try:
            found = json.loads(line)
            row, each = int(found["row"]), ("error" in found, float(found["at"]), line)
        except (ValueError, KeyError, TypeError, OverflowError):
            continue
        if row not in best or each < best[row]:
            best[row] = each


def lines(
    rows: Iterable[Row], best: Mapping[int, Best], missing: ErrorBody | None
) -> Iterator[bytes]:
    """The results of these rows. Those without an outcome have this error, or are left out."""
    for row in rows:
        if row.row in best:
            yield _line(row, json.loads(best[row.row][2]))
        elif missing is not None:
            yield _line(row, {"error": missing.model_dump(by_alias=True)})


def _line(row: Row, outcome: dict[str, Any]) -> bytes:
    status = "failed" if "error" in outcome else "succeeded"
    known = row.model_dump(by_alias=True, exclude_none=True, exclude={"refused"})
    told = {name: value for name, value in outcome.items() if name not in ("row", "at")}
    text = json.dumps(known | {"status": status} | told, ensure_ascii=False, separators=(",", ":"))
    return text.encode() + b"\n"
