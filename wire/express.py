"""The few calls that are made all day, without boto3's millisecond of CPU for each.

boto3 makes the first call of each kind. What it sent, address and headers, is the pattern for the rest,
which are filled in here, signed with boto3's credentials, and sent over the event loop: no thread, no
validation, no search for an endpoint. Whatever does not go well at once, refusals,
outages, a connection that had been closed, is boto3's again, with its retries and its errors. So are all
calls through a proxy, those for which credentials are due to be renewed, and for a minute all of a kind
that boto3 had to make anew three times in a row.
"""

import json
import re
import time
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from botocore import xform_name
from botocore.awsrequest import AWSPreparedRequest
from botocore.utils import get_environ_proxies

from wire.aws import Aws
from wire.errors import QueueUnavailable
from wire.http_lines import Lines, Reply
from wire.setbacks import Setbacks
from wire.signature import Signer

POLLS = {"ReceiveMessage"}
OPERATIONS = {
    "SendMessageBatch",
    "DeleteMessageBatch",
    "ChangeMessageVisibilityBatch",
    *POLLS,
}
_OK = 200
_SCOPE = re.compile(r"AWS4-HMAC-SHA256 Credential=[^/]+/\d+/([^/]+)/([^/]+)/aws4_request,")
_ITS_OWN = {  # of one request, and not of the next
    "authorization",
    "content-length",
    "x-amz-date",
    "x-amz-security-token",
    "amz-sdk-invocation-id",
    "amz-sdk-request",
    "x-amzn-trace-id",
}


@dataclass(frozen=True, slots=True)
class Pattern:
    """What requests of one operation have in common, and what signs them."""

    url: str
    headers: Mapping[str, str]
    signer: Signer


class Express:
    """Calls of one boto3 client to SQS.

    Args:
        aws: whose the client is; runs what is left to boto3.
        client: made by `aws`.
    """

    def __init__(self, aws: Aws, client: Any) -> None:
        self._aws = aws
        self._client = client
        self._credentials = aws.credentials()
        self._patterns: dict[str, Pattern] = {}
        self._lines: dict[str, Lines] = {}
        self._setbacks: defaultdict[str, Setbacks] = defaultdict(Setbacks)
        client.meta.events.register("before-send.sqs", self._learn)

    async def call(self, operation: str, **members: Any) -> Any:
        """What the service answers, as boto3 would give it; raises as `Aws.call` does."""
        pattern, setbacks = self._patterns.get(operation), self._setbacks[operation]
        began = time.monotonic()
        if pattern is None or setbacks.resting(began):
            return await self._through_boto3(operation, members)
        request = self._signed(pattern, json.dumps(members).encode())
        if request is None:
            return await self._through_boto3(operation, members)
        answer = await self._direct(pattern, request)
        if answer is not None:
            setbacks.success()
            return answer
        answer = await self._through_boto3(operation, members)
        setbacks.setback(began, time.monotonic())
        if setbacks.resting(time.monotonic()):
            self._patterns.pop(operation, None)
        return answer

    def close(self) -> None:
        """Let the connections go."""
        for lines in self._lines.values():
            lines.close()

    async def _through_boto3(self, operation: str, members: Mapping[str, Any]) -> Any:
        run = self._aws.poll if operation in POLLS else self._aws.call
        return await run(getattr(self._client, xform_name(operation)), **members)

    async def _direct(self, pattern: Pattern, request: bytes) -> Any:
        try:
            reply = await self._line(pattern.url).ask(request)
        except TimeoutError as error:
            # It has waited as long as boto3 would: three times as long helps nobody.
            raise QueueUnavailable from error
        except OSError:
            return None
        return _answer(reply) if reply.status == _OK else None

    def _signed(self, pattern: Pattern, body: bytes) -> bytes | None:
        credentials = self._credentials
        if credentials is None or _due(credentials):
            return None
        return pattern.signer.request(body, credentials.get_frozen_credentials(), time.time())

    def _line(self, url: str) -> Lines:
        lines = self._lines.get(url)
        if lines is None:
            where, config = urlsplit(url), self._client.meta.config
            secure = where.scheme == "https"
            lines = self._lines[url] = Lines(
                where.hostname or "",
                where.port or (443 if secure else 80),
                self._aws.trusted() if secure else None,
                config.connect_timeout,
                config.read_timeout,
            )
        return lines

    def _learn(self, request: AWSPreparedRequest, event_name: str, **_: object) -> None:
        operation = event_name.rpartition(".")[2]
        if operation not in OPERATIONS or operation in self._patterns:
            return
        headers = {name: _text(value) for name, value in request.headers.items()}
        scope = _SCOPE.match(headers.get("Authorization", ""))
        plain = not _proxied(request.url, self._client.meta.config.proxies)
        if scope is not None and plain and request.method == "POST":
            kept = {"Host": _host(request.url)}
            kept |= {name: text for name, text in headers.items() if name.lower() not in _ITS_OWN}
            signer = Signer(request.url, kept, scope[1], scope[2])
            self._patterns[operation] = Pattern(request.url, kept, signer)


def _host(url: str) -> str:
    """As botocore signs it, in lower case and without a port that goes without saying."""
    where = urlsplit(url)
    name = where.hostname or ""
    name = f"[{name}]" if ":" in name else name
    usual = {"http": 80, "https": 443}.get(where.scheme)
    return name if where.port in (None, usual) else f"{name}:{where.port}"


def _answer(reply: Reply) -> Any:
    try:
        answer = json.loads(reply.body or b"{}")
    except ValueError:
        return None
    if not isinstance(answer, dict):
        return None
    # botocore's parser leaves out what is null.
    members = {name: value for name, value in answer.items() if value is not None}
    return {**members, "ResponseMetadata": {"HTTPHeaders": reply.headers}}


def _proxied(url: str, chosen: Mapping[str, str] | None) -> bool:
    """Whether a proxy is meant for this address; a NO_PROXY alone makes none."""
    scheme = urlsplit(url).scheme
    both = (get_environ_proxies(url), chosen or {})
    return any(proxies.get(scheme) or proxies.get("all") for proxies in both)


def _due(credentials: Any) -> bool:
    """Whether boto3 should make the next call, because it will renew them: that takes a call of its own,
    for which the event loop must not wait."""
    needed = getattr(credentials, "refresh_needed", None)
    return needed is not None and bool(needed())


def _text(value: str | bytes) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else value
