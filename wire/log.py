"""Structured logs: JSON lines, or colored text where a person watches. One event a line, to stderr.

The standard library's logging underneath, so that other libraries' lines go the same way. Nothing else is
imported: structlog brings rich and attrs, 0.2 s of every process's start (docs/decisions/0021-starting.md).
"""

import json
import logging
import sys
from datetime import UTC, datetime
from typing import cast

from wire import tracing
from wire.redact import redacted

NOISY = ("botocore", "boto3", "urllib3", "httpx", "httpcore", "httpcore2")
DIM, BOLD, PLAIN = "\033[2m", "\033[1m", "\033[0m"
COLORS = {"debug": "\033[32m", "info": "\033[32m", "warning": "\033[33m"}
RED = "\033[31m"

Fault = BaseException | bool | None


class Logger:
    """Takes an event and its fields: `log.info("answered", job=uuid)`.

    The field `exc_info` is an exception whose traceback goes along, or True for the one that is handled.
    """

    def __init__(self, name: str) -> None:
        self._to = logging.getLogger(name)

    def debug(self, event: str, **fields: object) -> None:
        self._say(logging.DEBUG, event, fields)

    def info(self, event: str, **fields: object) -> None:
        self._say(logging.INFO, event, fields)

    def routine(self, event: str, **fields: object) -> None:
        """What goes well, and as often as there are pictures: a line only where the request is traced, or
        where everything is logged."""
        self._say(logging.DEBUG if tracing.trace_id() is None else logging.INFO, event, fields)

    def warning(self, event: str, **fields: object) -> None:
        self._say(logging.WARNING, event, fields)

    def error(self, event: str, **fields: object) -> None:
        self._say(logging.ERROR, event, fields)

    def critical(self, event: str, **fields: object) -> None:
        self._say(logging.CRITICAL, event, fields)

    def exception(self, event: str, **fields: object) -> None:
        """An error with the traceback of what is being handled."""
        self._say(logging.ERROR, event, {"exc_info": True, **fields})

    def _say(self, level: int, event: str, fields: dict[str, object]) -> None:
        if self._to.isEnabledFor(level):
            fault = cast(Fault, fields.pop("exc_info", None))
            if (trace := tracing.trace_id()) is not None:
                fields["trace"] = trace
            self._to.log(level, event, exc_info=fault, extra={"fields": fields})


class Lines(logging.Formatter):
    """A JSON object for every event."""

    def __init__(self, process: str, instance: str | None = None) -> None:
        super().__init__()
        self._process = {"process": process} | ({} if instance is None else {"instance": instance})

    def format(self, record: logging.LogRecord) -> str:
        said = {
            "event": record.getMessage(),
            **_fields(record),
            **self._process,
            "level": record.levelname.lower(),
            "timestamp": _at(record).isoformat().replace("+00:00", "Z"),
        }
        if record.exc_info:
            said["exception"] = self.formatException(record.exc_info)
        return redacted(json.dumps(said, default=repr))


class Colored(logging.Formatter):
    """The same for a person's eyes."""

    def format(self, record: logging.LogRecord) -> str:
        level = record.levelname.lower()
        fields = " ".join(
            f"{DIM}{name}={PLAIN}{value!r}" for name, value in _fields(record).items()
        )
        line = (
            f"{DIM}{_at(record):%H:%M:%S.%f}{PLAIN} {COLORS.get(level, RED)}{level:<8}{PLAIN} "
            f"{BOLD}{record.getMessage():<30}{PLAIN} {fields}"
        )
        if record.exc_info:
            line += "\n" + self.formatException(record.exc_info)
        return redacted(line)


def configure(process: str, level: str = "info", instance: str | None = None) -> None:
    """Set the process's logging up; `process`, and which of several it is, stand in every line.

    The standard library's loggers (uvicorn, boto3) go the same way.
    """
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(Colored() if sys.stderr.isatty() else Lines(process, instance))
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level.upper())
    for noisy in NOISY:
        logging.getLogger(noisy).setLevel(logging.WARNING)


def get(name: str) -> Logger:
    """The logger of this name."""
    return Logger(name)


def _fields(record: logging.LogRecord) -> dict[str, object]:
    fields: dict[str, object] = getattr(record, "fields", {})
    return fields


def _at(record: logging.LogRecord) -> datetime:
    return datetime.fromtimestamp(record.created, UTC)
