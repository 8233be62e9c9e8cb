"""Every error a caller can meet: one tree, one class a code, the HTTP status beside it.

A code never changes its meaning. The public message is what a client reads; the private cause stays
in `__cause__` and goes to the log only.
"""

from wire import upstream_errors
from wire.job_errors import JobCanceled as JobCanceled
from wire.job_errors import JobExists as JobExists
from wire.job_errors import JobExpired as JobExpired
from wire.job_errors import JobNotFound as JobNotFound
from wire.job_errors import JobUnfinished as JobUnfinished
from wire.job_errors import PictureGone as PictureGone
from wire.service_error import ServiceError as ServiceError
from wire.upstream_errors import FetchTimeout as FetchTimeout
from wire.upstream_errors import IncompleteBody as IncompleteBody
from wire.upstream_errors import TooManyRedirects as TooManyRedirects
from wire.upstream_errors import UpstreamProtocol as UpstreamProtocol
from wire.upstream_errors import UpstreamStatus as UpstreamStatus
from wire.upstream_errors import UpstreamUnreachable as UpstreamUnreachable


class Internal(ServiceError):
    """Something broke that is no fault of the request."""


class WorkerCrashed(ServiceError):
    """The picture took its worker along three times and is not tried again."""

    code = "worker_crashed"
    message = "This picture stopped several workers and was set aside."


class InvalidUrl(ServiceError):
    """The text is no absolute URL."""

    status = 400
    code = "invalid_url"
    message = "The url is missing or is no valid absolute URL, such as https://example.com/cat.jpg."


class UnsupportedScheme(ServiceError):
    """The URL is neither http nor https."""

    status = 400
    code = "unsupported_scheme"
    message = "Only http and https URLs can be fetched."


class CredentialsInUrl(ServiceError):
    """The URL carries a user name or password."""

    status = 400
    code = "credentials_in_url"
    message = "URLs that carry a user name or password are refused."


class InvalidParameter(ServiceError):
    """A parameter has a value outside its range."""

    status = 400
    code = "invalid_parameter"
    message = "A parameter has a value that is not allowed."


class InvalidRequest(ServiceError):
    """The bytes are no HTTP request, or one that two servers could read differently."""

    status = 400
    code = "invalid_request"
    message = "This is no valid HTTP request."


class RequestTimeout(ServiceError):
    """The client took longer to send its request, or its picture, than the limit."""

    status = 408
    code = "request_timeout"
    message = "The request took too long to arrive."


class HeadersTooLarge(ServiceError):
    """The request line and headers have more bytes, or fields, than the limit."""

    status = 431
    code = "headers_too_large"
    message = "The request line and headers are larger than the limit."


class Unauthorized(ServiceError):
    """No valid key came with the request."""

    status = 401
    code = "unauthorized"
    message = "A valid API key is needed."


class Forbidden(ServiceError):
    """The key is valid and may not do this."""

    status = 403
    code = "forbidden"
    message = "This key may not do that."


class BlockedAddress(ServiceError):
    """The address is not public. The text is the same for every address, so that it tells nothing."""

    status = 403
    code = "blocked_address"
    message = "This address may not be fetched."


class BlockedPort(ServiceError):
    """The port is neither 80 nor 443."""

    status = 403
    code = "blocked_port"
    message = "This port may not be fetched from; only 80 and 443 are."


class ModelNotFound(ServiceError):
    """The model or version is not one that the service has."""

    status = 404
    code = "model_not_found"
    message = "There is no such model. GET /models lists those there are."


class NoLayers(ServiceError):
    """The model can be classified with, and its layers cannot be read."""

    status = 400
    code = "no_layers"
    message = "This model's layers cannot be read."


class LayerNotFound(ServiceError):
    """The model has no layer of that name."""

    status = 404
    code = "layer_not_found"
    message = "The model has no such layer."


class ActivationTooLarge(ServiceError):
    """What comes out of the layer has more bytes than are handed out."""

    status = 400
    code = "activation_too_large"
    message = "The layer's activation has more bytes than the limit."


class BodyTooLarge(ServiceError):
    """More bytes than the limit, sent or fetched."""

    status = 413
    code = "body_too_large"
    message = "The picture has more bytes than the limit."


class TooManyPixels(ServiceError):
    """More pixels than the limit, by the picture's own header."""

    status = 413
    code = "too_many_pixels"
    message = "The picture has more pixels than the limit."


class UnsupportedFormat(ServiceError):
    """The bytes are no picture of a known format."""

    status = 415
    code = "unsupported_format"
    message = "This is no picture in a format that is read (JPEG, PNG, WebP, GIF, BMP, TIFF)."


class InvalidImage(ServiceError):
    """The format is known, the picture is broken."""

    status = 422
    code = "invalid_image"
    message = "The picture is damaged and could not be decoded."


class IdempotencyMismatch(ServiceError):
    """An Idempotency-Key came again with another request."""

    status = 422
    code = "idempotency_mismatch"
    message = "This Idempotency-Key was used for another request; every request needs its own."


class DecoderCrashed(ServiceError):
    """The decoder died of this picture."""

    status = 422
    code = "decoder_crashed"
    message = "The picture could not be decoded: it broke the decoder."


class RateLimited(ServiceError):
    """The caller asked more often than its share."""

    status = 429
    code = "rate_limited"
    message = "Too many requests."
    retry_after = 1


class Overloaded(ServiceError):
    """The table of waiting requests is full."""

    status = 503
    code = "overloaded"
    message = "Too many requests are waiting; try again shortly."
    retry_after = 5


class QueueUnavailable(ServiceError):
    """The queue or the store could not be reached."""

    status = 503
    code = "queue_unavailable"
    message = "The job queue cannot be reached; try again shortly."
    retry_after = 5


class ShuttingDown(ServiceError):
    """This replica is going; the job goes on and can be fetched by its id."""

    status = 503
    code = "shutting_down"
    message = "This replica is shutting down; the answer can be fetched under the job's id."
    retry_after = 5


class TimedOut(ServiceError):
    """The wait ran out. The job goes on, and its late answer is kept until its deadline."""

    status = 504
    code = "timed_out"
    message = "No answer came in time; it can be fetched under the job's id until its deadline."


BY_CODE: dict[str, type[ServiceError]] = {
    kind.code: kind for kind in [*ServiceError.__subclasses__()] if kind.code != "internal"
} | {"internal": Internal}

# A status of 500 and more, but for what a picture's host did.
OWN_FAULTS = frozenset(
    code
    for code, kind in BY_CODE.items()
    if kind.status >= 500 and kind.__module__ != upstream_errors.__name__
)


def from_code(code: str, message: str | None = None) -> ServiceError:
    """The error that another process reported; an unknown code of a newer version reads `internal`."""
    return BY_CODE.get(code, Internal)(message)
