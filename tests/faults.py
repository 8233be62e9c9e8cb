"""Turns the faults of a running local endpoint on and off, and reads what they did."""

import json
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


class Faults:
    """The fault control of one endpoint that was started with `--faults`."""

    def __init__(self, url: str, service: str) -> None:
        self._url = f"{url}/_faults"
        self._service = service

    @contextmanager
    def on(self, *rules: dict[str, Any], seed: int = 1) -> Iterator[None]:
        """These rules while the block runs; fails if one of them never hit anything."""
        self.replace(*rules, seed=seed)
        try:
            yield
            idle = [row["rule"]["fault"] for row in self.rows() if not row["hit"]]
            assert not idle, f"never happened: {idle}"
        finally:
            self._call("DELETE")

    def replace(self, *rules: dict[str, Any], seed: int = 1) -> None:
        """These rules from now on."""
        self._call("PUT", {"seed": seed, self._service: rules})

    def rows(self) -> list[dict[str, Any]]:
        """Every rule with what it met and hit."""
        rows: list[dict[str, Any]] = self._call("GET")["rules"]
        return rows

    def hits(self) -> list[int]:
        """How often each rule hit."""
        return [row["hit"] for row in self.rows()]

    def _call(self, method: str, document: object = None) -> dict[str, Any]:
        data = None if document is None else json.dumps(document).encode()
        request = urllib.request.Request(self._url, data, method=method)
        with urllib.request.urlopen(request, timeout=10) as answer:
            found: dict[str, Any] = json.loads(answer.read())
            return found
