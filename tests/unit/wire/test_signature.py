"""The same signature as botocore's, byte for byte."""

from typing import Any

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import ReadOnlyCredentials

from wire.signature import Signer

NOON = 1_781_352_000.0  # 2026-06-13T12:00:00Z
HEADERS = {
    "Host": "sqs.eu-west-1.amazonaws.com",
    "Content-Type": "application/x-amz-json-1.0",
    "X-Amz-Target": "AmazonSQS.SendMessageBatch",
    "User-Agent": "Boto3/1 md/Botocore#1",
    "X-Spaces": "  one   two ",
}
ALICE = ReadOnlyCredentials("AKID", "secret", None)
GUEST = ReadOnlyCredentials("ASIA", "other", "a/token+of=hers")


def sent(signer: Signer, body: bytes, credentials: Any, now: float) -> tuple[dict[str, str], bytes]:
    head, _, rest = signer.request(body, credentials, now).partition(b"\r\n\r\n")
    lines = head.decode().split("\r\n")[1:]
    return {line.partition(": ")[0]: line.partition(": ")[2] for line in lines}, rest


def by_botocore(url: str, body: bytes, credentials: Any, stamp: str) -> str:
    request = AWSRequest("POST", url, dict(HEADERS), body)
    request.context["timestamp"] = stamp
    signer = SigV4Auth(credentials, "sqs", "eu-west-1")
    signer._modify_request_before_signing(request)
    text = signer.string_to_sign(request, signer.canonical_request(request))
    signer._inject_signature_to_request(request, signer.signature(text, request))
    return str(request.headers["Authorization"])


@pytest.mark.parametrize("credentials", [ALICE, GUEST])
@pytest.mark.parametrize("path", ["", "/", "/a/../b c~d", "/000000000000/queue"])
def test_it_signs_as_botocore_does(path: str, credentials: ReadOnlyCredentials) -> None:
    url = f"https://sqs.eu-west-1.amazonaws.com{path}"
    headers, body = sent(Signer(url, HEADERS, "eu-west-1", "sqs"), b"{}", credentials, NOON)
    assert headers["X-Amz-Date"] == "20260613T120000Z"
    assert headers["Authorization"] == by_botocore(url, b"{}", credentials, "20260613T120000Z")
    assert headers.get("X-Amz-Security-Token") == credentials.token
    assert (headers["Content-Length"], body) == ("2", b"{}")


def test_the_key_is_that_of_the_day_and_of_the_secret() -> None:
    url = "https://sqs.eu-west-1.amazonaws.com/"
    signer = Signer(url, HEADERS, "eu-west-1", "sqs")
    for who, day, stamp in [(ALICE, 0, "13"), (ALICE, 1, "14"), (GUEST, 1, "14"), (ALICE, 0, "13")]:
        headers, _ = sent(signer, b"{}", who, NOON + 86_400 * day)
        assert headers["Authorization"] == by_botocore(url, b"{}", who, f"202606{stamp}T120000Z")
