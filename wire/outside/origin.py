"""What an origin did, told apart finer than a client needs to know: some of it passes by itself."""

from wire import errors


class OriginStatus(errors.UpstreamStatus):
    """The origin answered with a status other than 200.

    Args:
        status: the status.
        retry_after: seconds after which the origin says to ask again; None when it says nothing.
    """

    def __init__(self, status: int, retry_after: float | None = None) -> None:
        super().__init__(f"The picture's host answered {status} instead of the picture.")
        self.answered = status
        self.asks_for = retry_after


class NoSuchName(errors.UpstreamUnreachable):
    """DNS says that the name does not exist, or has no address."""


class Dropped(errors.UpstreamProtocol):
    """The origin closed or reset the connection before it answered."""


class Unproven(errors.UpstreamProtocol):
    """The origin's certificate does not show that it is who it should be, or it speaks no TLS."""

    message = "The picture's host could not prove who it is (TLS)."


def seconds(retry_after: str) -> float | None:
    """A `Retry-After` in seconds, RFC 9110, 10.2.3; None for a date, which needs the origin's clock."""
    return float(retry_after) if retry_after.isascii() and retry_after.isdecimal() else None
