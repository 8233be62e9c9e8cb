"""What a picture's host can do wrong."""

from wire.service_error import ServiceError


class UpstreamUnreachable(ServiceError):
    """The origin's name does not resolve, or its port does not answer."""

    status = 502
    code = "upstream_unreachable"
    message = "The picture's host could not be reached."


class UpstreamStatus(ServiceError):
    """The origin answered with a status other than 200."""

    status = 502
    code = "upstream_status"
    message = "The picture's host did not answer with the picture."


class UpstreamProtocol(ServiceError):
    """The origin did not speak HTTP or TLS correctly."""

    status = 502
    code = "upstream_protocol"
    message = "The picture's host broke the protocol."


class TooManyRedirects(ServiceError):
    """More redirects than the limit."""

    status = 502
    code = "too_many_redirects"
    message = "The picture's host redirected too often."


class IncompleteBody(ServiceError):
    """The connection ended before the promised length."""

    status = 502
    code = "incomplete_body"
    message = "The picture's host closed the connection before the picture was whole."


class FetchTimeout(ServiceError):
    """The origin took longer than the limit."""

    status = 504
    code = "fetch_timeout"
    message = "The picture's host took too long."
