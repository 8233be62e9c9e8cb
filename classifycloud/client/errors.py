"""What can go wrong for a caller: one tree, by what there is to do. `code` says exactly what it was.

Codes are the service's own (docs/asking.md), and four of this side: `unreachable`, `interrupted`,
`out_of_time`, `not_understood`.
"""

from collections.abc import Iterable
from typing import ClassVar

from wire import errors as wire


class ClassifyCloudError(Exception):
    """Base of the tree.

    Attributes:
        code: never changes its meaning.
        message: for people; may change.
        job: the job's id, where there is one.
        status: of HTTP; None when no answer came.
        retry_after: seconds after which the service would be asked again; None when it named none.
    """

    def __init__(
        self,
        message: str,
        *,
        code: str,
        job: str | None = None,
        status: int | None = None,
        retry_after: float | None = None,
    ) -> None:
        self.message = message
        self.code = code
        self.job = job
        self.status = status
        self.retry_after = retry_after
        about = f" (job {job})" if job else ""
        super().__init__(f"{code}: {message}{about}")


class NoAnswer(ClassifyCloudError):
    """Nothing that can be read came from the service."""

    own: ClassVar[str] = ""

    def __init__(self, message: str, *, job: str | None = None, status: int | None = None) -> None:
        super().__init__(message, code=self.own, job=job, status=status)


class Unreachable(NoAnswer):
    """Nothing listens at the address: nothing was asked. `left` says that a service did before."""

    own = "unreachable"

    def __init__(self, message: str, *, left: bool = False) -> None:
        super().__init__(message)
        self.left = left


class Interrupted(NoAnswer):
    """The connection broke: the service may have been asked or not."""

    own = "interrupted"


class OutOfTime(NoAnswer):
    """The call's own time-out passed."""

    own = "out_of_time"


class NotUnderstood(NoAnswer):
    """An answer that is not in ClassifyCloud's form: another server, or a proxy, is at the address."""

    own = "not_understood"


class Answered(ClassifyCloudError):
    """The service said no."""


class BadRequest(Answered):
    """The request itself: a parameter, a header, a key used twice. Asking again does not help."""


class NotAllowed(Answered):
    """No key, a wrong one, or one that may not do this."""


class NotFound(Answered):
    """No such job, model or layer; or it is not kept any more."""


class Conflict(Answered):
    """Not as things stand: an id that is taken, a job that has not ended yet."""


class BadPicture(Answered):
    """It is this picture; others may well be answered."""


class PictureUnreachable(BadPicture):
    """The picture's host failed. The service has tried three times; some minutes later it may work."""


class Busy(Answered):
    """Too much at once, or a part is away; nothing was sent. `retry_after` says when to ask again."""


class Unfinished(Answered):
    """No answer yet: the job goes on, and `job` finds it."""


class JobEnded(Answered):
    """The job ended without an answer: it was canceled, or its deadline passed."""


class ServiceFailed(Answered):
    """The service's own fault."""


def _codes(*kinds: type[wire.ServiceError]) -> Iterable[str]:
    return (kind.code for kind in kinds)


_BY_CODE: dict[str, type[Answered]] = {
    **dict.fromkeys(
        _codes(
            wire.InvalidUrl,
            wire.UnsupportedScheme,
            wire.CredentialsInUrl,
            wire.BlockedAddress,
            wire.BlockedPort,
            wire.BodyTooLarge,
            wire.TooManyPixels,
            wire.UnsupportedFormat,
            wire.InvalidImage,
            wire.DecoderCrashed,
            wire.WorkerCrashed,
            wire.TooManyRedirects,
        ),
        BadPicture,
    ),
    **dict.fromkeys(
        _codes(
            wire.UpstreamUnreachable,
            wire.UpstreamStatus,
            wire.UpstreamProtocol,
            wire.IncompleteBody,
            wire.FetchTimeout,
        ),
        PictureUnreachable,
    ),
    "timed_out": Unfinished,
    "picture_gone": NotFound,
    "job_expired": JobEnded,
    "job_canceled": JobEnded,
    "request_timeout": Busy,
}
_BY_STATUS: dict[int, type[Answered]] = {
    401: NotAllowed,
    403: NotAllowed,
    404: NotFound,
    409: Conflict,
    410: JobEnded,
    429: Busy,
    503: Busy,
    504: Unfinished,
}


def answered(
    code: str,
    message: str,
    *,
    job: str | None = None,
    status: int | None = None,
    retry_after: float | None = None,
) -> Answered:
    """The error of a code; of one that only a newer service knows, by its status."""
    known = wire.BY_CODE.get(code)
    if status is None and known is not None:
        status = known.status
    kind = _BY_CODE.get(code) or _by_status(status or 500)
    if code == wire.ShuttingDown.code and job is not None:
        kind = Unfinished
    return kind(message, code=code, job=job, status=status, retry_after=retry_after)


def _by_status(status: int) -> type[Answered]:
    return _BY_STATUS.get(status, ServiceFailed if status >= 500 else BadRequest)
