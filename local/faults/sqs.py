"""How SQS names and refuses, in its JSON protocol.

Source: the SQS API reference, "Common errors", and the error shapes of botocore's model of SQS.
"""

import json
from collections.abc import Mapping
from http import HTTPStatus

from local.endpoint import Scope
from local.faults.dialect import Request
from local.faults.exchange import Answer


def _refusal(status: int, shape: str, code: str, side: str, text: str) -> Answer:
    body = json.dumps({"__type": shape, "message": text}).encode()
    headers = [
        (b"content-type", b"application/x-amz-json-1.0"),
        (b"x-amzn-query-error", f"{code};{side}".encode()),
    ]
    return Answer(status, headers, body)


_FAILED = _refusal(
    HTTPStatus.INTERNAL_SERVER_ERROR,
    "com.amazonaws.sqs#InternalFailure",
    "InternalFailure",
    "Receiver",
    "The request processing has failed because of an unknown error, exception or failure.",
)


class SqsDialect:
    """SQS."""

    refusals: Mapping[str, Answer] = {
        "throttle": _refusal(
            HTTPStatus.BAD_REQUEST,
            "com.amazonaws.sqs#RequestThrottled",
            "RequestThrottled",
            "Sender",
            "Request is throttled.",
        ),
        "error": _FAILED,
        "lost_500": _FAILED,
        "unavailable": _refusal(
            HTTPStatus.SERVICE_UNAVAILABLE,
            "com.amazonaws.sqs#ServiceUnavailable",
            "ServiceUnavailable",
            "Receiver",
            "The request has failed due to a temporary failure of the server.",
        ),
    }

    def request(self, scope: Scope, body: bytes) -> Request | None:
        target = dict(scope["headers"]).get(b"x-amz-target", b"").decode("latin-1")
        service, _, action = target.partition(".")
        if service != "AmazonSQS":
            return None
        try:
            members = json.loads(body or b"{}")
        except ValueError:
            return Request(action, "")
        named = members.get("QueueUrl") or members.get("QueueName") or ""
        return Request(action, str(named).rpartition("/")[2])
