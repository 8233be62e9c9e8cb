"""A running service, asked by a command; what it refuses is told with what to do about it."""

from collections.abc import Iterator
from contextlib import contextmanager

from classifycloud.client import ClassifyCloudError, Client, Unreachable
from cli.exits import failed
from cli.options import TIMEOUT
from cli.remedies import remedy


@contextmanager
def asking(url: str, key: str | None, timeout: float = TIMEOUT) -> Iterator[Client]:
    """A client of the service; ends the command with status 1 where it gets no answer."""
    try:
        with Client(url, key, timeout=timeout) as client:
            yield client
    except ClassifyCloudError as error:
        failed(explained(error))


def explained(error: ClassifyCloudError | OSError) -> str:
    """What happened, and on a line of its own what to do, where there is something."""
    if isinstance(error, OSError):
        return f"cannot be read: {error.strerror or error}"
    said = error.message if isinstance(error, Unreachable) else str(error)
    advice = remedy(error.code, error.job)
    return f"{said}\n{advice}" if advice else said
