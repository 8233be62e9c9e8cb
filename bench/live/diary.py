"""What balancer and workers have logged, read as it grows."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class Event:
    """A structured line. `at` is in seconds since the epoch."""

    at: float
    process: str
    name: str
    fields: Mapping[str, Any]


class Diary:
    """The events of one log, oldest first."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._at = 0
        self._events: list[Event] = []

    def events(self) -> list[Event]:
        """Everything so far."""
        if self._path.exists():
            with self._path.open("rb") as log:
                log.seek(self._at)
                text = log.read()
            whole = text[: text.rfind(b"\n") + 1]
            self._at += len(whole)
            self._events += [found for line in whole.splitlines() if (found := event(line))]
        return self._events

    def of(self, name: str, process: str | None = None) -> list[Event]:
        """Events of one name, of every process or of one kind."""
        return [
            each for each in self.events() if each.name == name and process in (None, each.process)
        ]


def event(line: bytes) -> Event | None:
    """A line as an event; None when it is none, a traceback's for example."""
    try:
        fields = json.loads(line)
        at = datetime.fromisoformat(fields["timestamp"]).timestamp()
        return Event(at, fields["process"], fields["event"], fields)
    except (ValueError, KeyError, TypeError):
        return None
