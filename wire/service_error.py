"""The root of every error that a caller can meet."""

from typing import ClassVar


class ServiceError(Exception):
    """Base of the tree: an error with a public code, message and HTTP status.

    Args:
        message: public text; the class's own when left out.
        retry_after: seconds after which another try makes sense; sent as `Retry-After`.
    """

    status: ClassVar[int] = 500
    code: ClassVar[str] = "internal"
    message: ClassVar[str] = "The service failed. The job's id helps to find out why."
    retry_after: ClassVar[int | None] = None

    def __init__(self, message: str | None = None, *, retry_after: int | None = None) -> None:
        self.public = message or self.message
        self.retry_in = retry_after if retry_after is not None else self.retry_after
        super().__init__(self.public)
