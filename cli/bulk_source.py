"""What a bulk job is asked for: a list in a file, or a prefix. Nothing is sent here."""

import json
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

JSON = "application/json"


class Unreadable(Exception):
    """The list cannot be read; the text says why, and what to do."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What a request's body says."""

    document: Mapping[str, Any]

    def body(self, wishes: Mapping[str, Any]) -> bytes:
        """With these wishes; what the document says itself goes before."""
        return json.dumps({**wishes, **self.document}).encode()


def read(source: str) -> Asked:
    """The request for a source as the command line names it.

    Raises:
        Unreadable: there is no such file, nothing in it, or no list.
    """
    if source.startswith("s3://"):
        return Asked({"prefix": source})
    if source == "-":
        return _asked(sys.stdin.buffer.read(), "")
    try:
        return _asked(Path(source).read_bytes(), Path(source).suffix)
    except OSError as error:
        reason = error.strerror or str(error)
        raise Unreadable(
            f"{source}: {reason}.\nGive a file with URLs, or s3://BUCKET/PREFIX."
        ) from error
    except ValueError as error:
        raise Unreadable(f"{source}: {error}.") from error


def _asked(data: bytes, suffix: str) -> Asked:
    lines = [line.strip() for line in data.decode("utf-8", "replace").splitlines()]
    if suffix == ".json":
        found = json.loads(data)
        return Asked(found if isinstance(found, dict) else {"urls": found})
    if suffix in (".jsonl", ".ndjson"):
        return Asked({"urls": [json.loads(line) for line in lines if line]})
    urls = [line for line in lines if line and not line.startswith("#")]
    if not urls:
        raise Unreadable("There is no URL in it.")
    return Asked({"urls": urls})
