"""How S3 names and refuses.

Source: the S3 API reference, "List of error codes", and the user guide's page on conditional writes.
"""

from collections.abc import Mapping
from http import HTTPStatus

from local import s3_names
from local.endpoint import Scope
from local.faults.dialect import Request
from local.faults.exchange import Answer

_CONDITIONS = (b"if-none-match", b"if-match")


def _refusal(status: int, code: str, text: str) -> Answer:
    body = (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f"<Error><Code>{code}</Code><Message>{text}</Message></Error>"
    )
    return Answer(status, [(b"content-type", b"application/xml")], body.encode())


_FAILED = _refusal(
    HTTPStatus.INTERNAL_SERVER_ERROR,
    "InternalError",
    "We encountered an internal error. Please try again.",
)


class S3Dialect:
    """S3, by path: /bucket/key."""

    refusals: Mapping[str, Answer] = {
        "throttle": _refusal(
            HTTPStatus.SERVICE_UNAVAILABLE, "SlowDown", "Please reduce your request rate."
        ),
        "error": _FAILED,
        "lost_500": _FAILED,
        "unavailable": _refusal(
            HTTPStatus.SERVICE_UNAVAILABLE,
            "ServiceUnavailable",
            "Service is unable to handle request.",
        ),
        "conflict": _refusal(
            HTTPStatus.CONFLICT,
            "ConditionalRequestConflict",
            "The conditional request cannot succeed due to a conflicting operation against this"
            " resource.",
        ),
    }

    def request(self, scope: Scope, _body: bytes) -> Request | None:
        path: str = scope["path"]
        headers = dict(scope["headers"])
        action = s3_names.action(scope["method"], path, headers)
        if action is None:
            return None
        conditional = action == "PutObject" and any(name in headers for name in _CONDITIONS)
        return Request(action, path, conditional)
