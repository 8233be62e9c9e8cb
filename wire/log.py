"""Structured logs: JSON lines, or colored text where a person watches. One event a line, to stderr."""

import logging
import sys
from typing import Any

import structlog

from wire.redact import redacted


def configure(process: str, level: str = "info") -> None:
    """Set the process's logging up; `process` stands in every line.

    The standard library's loggers (uvicorn, boto3) go the same way.
    """
    structlog.contextvars.bind_contextvars(process=process)
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    watched = sys.stderr.isatty()
    renderer: structlog.typing.Processor = (
        structlog.dev.ConsoleRenderer() if watched else structlog.processors.JSONRenderer()
    )
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=shared,
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            *([] if watched else [structlog.processors.format_exc_info]),
            renderer,
            _without_secrets,
        ],
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(formatter)
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level.upper())
    for noisy in ("botocore", "boto3", "urllib3", "httpx", "httpcore", "httpcore2"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.make_filtering_bound_logger(
            logging.getLevelNamesMapping()[level.upper()]
        ),
        cache_logger_on_first_use=True,
    )


def _without_secrets(_logger: object, _method: str, line: Any) -> str:
    return redacted(str(line))


def get(name: str) -> structlog.typing.FilteringBoundLogger:
    """A logger that takes an event and its fields: `log.info("answered", job=uuid)`."""
    logger: structlog.typing.FilteringBoundLogger = structlog.get_logger(name)
    return logger
