"""What was logged while a block runs: each line's event, level and fields."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


class _Collecting(logging.Handler):
    def __init__(self) -> None:
        super().__init__()
        self.entries: list[dict[str, Any]] = []

    def emit(self, record: logging.LogRecord) -> None:
        entry: dict[str, Any] = {
            "event": record.getMessage(),
            "log_level": record.levelname.lower(),
        }
        if record.exc_info:
            entry["exc_info"] = record.exc_info
        self.entries.append(entry | getattr(record, "fields", {}))


@contextmanager
def capture_logs() -> Iterator[list[dict[str, Any]]]:
    """The lines of every level, as they come."""
    collecting, root = _Collecting(), logging.getLogger()
    before = root.level
    root.addHandler(collecting)
    root.setLevel(logging.DEBUG)
    try:
        yield collecting.entries
    finally:
        root.removeHandler(collecting)
        root.setLevel(before)
