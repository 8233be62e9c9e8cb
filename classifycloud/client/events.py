"""Server-sent events, and the course of watching a job by them. No I/O."""

from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from classifycloud.client import errors, reading
from classifycloud.client.answers import Job
from classifycloud.client.calls import Call, Reply
from classifycloud.client.requests import path_of
from classifycloud.client.steps import FIRST, Ask, Patience, pause

STREAM = "text/event-stream"
SILENT = 60.0  # seconds without a byte, after which another stream is opened


@dataclass(frozen=True, slots=True)
class Event:
    """One event as it came. `id` is what to go on behind."""

    kind: str
    data: str
    id: str = ""


class Lines:
    """Lines of a stream, without their ends, gathered into events as the standard says."""

    def __init__(self) -> None:
        self._kind = ""
        self._data: list[str] = []
        self.last_id = ""
        self.retry: float | None = None  # seconds

    def take(self, line: str) -> Event | None:
        """The event that this line completes; None where it completes none."""
        if line:
            self._field(*_parts(line))
            return None
        kind, data = self._kind or "message", self._data
        self._kind, self._data = "", []
        return Event(kind, "\n".join(data), self.last_id) if data else None

    def _field(self, name: str, value: str) -> None:
        if name == "event":
            self._kind = value
        elif name == "data":
            self._data.append(value)
        elif name == "id" and "\0" not in value:
            self.last_id = value
        elif name == "retry" and value.isdecimal():
            self.retry = int(value) / 1000


class Watch:
    """Follows one job to its end, over as many streams as it takes."""

    def __init__(self, uuid: str, patience: Patience) -> None:
        self._path = f"{path_of(uuid)}/events"
        self._uuid = uuid
        self._patience = patience
        self._tried = 0
        self._after = 0.0
        self._lines = Lines()
        self._last: Job | None = None
        self.ended = False

    def ask(self) -> Ask:
        """The next stream; raises OutOfTime when there is no time for one."""
        if not self._patience.before(self._after):
            raise errors.OutOfTime("The job has not ended in time; it goes on.", job=self._uuid)
        headers = {"Accept": STREAM}
        if self._lines.last_id:
            headers["Last-Event-ID"] = self._lines.last_id
        call: Call[Any] = Call("GET", self._path, reading.nothing, headers=headers, safe=True)
        return Ask(call, min(SILENT, self._patience.left(self._after)), self._after)

    def line(self, line: str) -> Job | None:
        """What a line of the stream says that is new; None where that is nothing."""
        event = self._lines.take(line)
        if event is None:
            return None
        self._tried = 0
        try:
            found = Job.model_validate_json(event.data)
        except ValidationError as error:
            raise errors.NotUnderstood("An event of no form that is known.") from error
        self.ended = found.ended
        if found == self._last:
            return None
        self._last = found
        return found

    def broken(self, fault: errors.NoAnswer | None) -> None:
        """The stream is over; raises where no other one helps."""
        if self.ended:
            return
        self._lines = _behind(self._lines)
        silent = isinstance(fault, errors.OutOfTime) and self._patience.left() > 0
        if fault is None or silent:
            fault = errors.Interrupted("The stream ended before the job.", job=self._uuid)
        self._again(fault)

    def refused(self, reply: Reply) -> None:
        """There was none; raises what was said instead, where no other try helps."""
        try:
            reading.nothing(reply)
        except errors.ClassifyCloudError as error:
            self._again(error)

    def _again(self, fault: errors.ClassifyCloudError) -> None:
        call: Call[Any] = Call("GET", self._path, reading.nothing, safe=True)
        self._after = max(FIRST, pause(call, fault, self._tried, self._patience))
        self._after = max(self._after, self._lines.retry or 0.0)
        self._tried += 1


def _parts(line: str) -> tuple[str, str]:
    name, _, value = line.partition(":")
    return name, value.removeprefix(" ")


def _behind(lines: Lines) -> Lines:
    fresh = Lines()
    fresh.last_id, fresh.retry = lines.last_id, lines.retry
    return fresh
