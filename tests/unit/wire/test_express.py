"""What boto3 sent once is sent again without it."""

import asyncio
import json
from urllib.parse import urlsplit

import pytest
from botocore.auth import SigV4Auth, _host_from_url
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from tests.unit.wire.sqs_endpoint import HANG, OK, make, receive

SCOPE = "AWS4-HMAC-SHA256 Credential=AKID/20260101/eu-west-1/sqs/aws4_request, SignedHeaders=host"


async def test_only_the_first_call_goes_through_boto3(endpoint):
    express, through_boto3 = make()
    answers = [await receive(express) for _ in range(5)]
    assert len(through_boto3) == 1
    assert all(answer["Messages"] == OK[1]["Messages"] for answer in answers)
    assert answers[-1]["ResponseMetadata"]["HTTPHeaders"]["date"] == "now"
    assert endpoint.connections == 2  # boto3's, and one that is kept
    express.close()


async def test_the_rest_says_what_boto3_said(endpoint):
    express, _ = make()
    await receive(express)
    await receive(express)
    (line, first, body), (again, second, same) = endpoint.asked
    assert (line, json.loads(body)) == (again, json.loads(same))
    own = {"authorization", "x-amz-date", "amz-sdk-invocation-id", "amz-sdk-request"}
    own |= {"accept-encoding", "content-length"}
    assert {n: v for n, v in first.items() if n not in own} == {
        n: v for n, v in second.items() if n not in own
    }
    express.close()


async def test_the_rest_is_signed(endpoint):
    express, _ = make()
    await receive(express)
    await receive(express)
    _, headers, body = endpoint.asked[1]
    names = headers["authorization"].split("SignedHeaders=")[1].split(",")[0].split(";")
    url = f"http://{headers['host']}/"
    request = AWSRequest("POST", url, {n: headers[n] for n in names if n != "host"}, body)
    request.context["timestamp"] = headers["x-amz-date"]
    signer = SigV4Auth(Credentials("AKID", "secret"), "sqs", "eu-west-1")
    signature = signer.signature(
        signer.string_to_sign(request, signer.canonical_request(request)), request
    )
    assert headers["authorization"].endswith(f"Signature={signature}")
    assert "/eu-west-1/sqs/aws4_request" in headers["authorization"]
    express.close()


async def test_a_canceled_call_takes_its_connection_with_it(endpoint):
    express, _ = make()
    await receive(express)
    await receive(express)
    endpoint.replies = [HANG, OK]
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(receive(express), 0.1)
    assert (await receive(express))["Messages"] == OK[1]["Messages"]
    express.close()


async def test_what_is_null_is_left_out_as_by_boto3(endpoint):
    express, _ = make()
    endpoint.replies = [(200, {"Messages": None})]
    answers = [await receive(express) for _ in range(2)]
    assert ["Messages" in answer for answer in answers] == [False, False]
    express.close()


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("http://SQS.Example.com:80/", "sqs.example.com"),
        ("https://sqs.example.com:443/", "sqs.example.com"),
        ("http://[::1]:9324/", "[::1]:9324"),
    ],
)
async def test_the_host_is_the_one_that_is_signed(endpoint, url, host):
    express, _ = make()
    await receive(express)
    pattern = express._patterns["ReceiveMessage"]
    seen = AWSRequest("POST", url, {"Authorization": SCOPE}).prepare()
    assert host == _host_from_url(url)
    express._patterns.clear()
    express._learn(seen, "before-send.sqs.ReceiveMessage")
    signed = express._signed(express._patterns["ReceiveMessage"], b"{}").decode()
    assert f"\r\nHost: {host}\r\n" in signed
    assert signed.lower().count("\r\nhost: ") == 1
    assert pattern.headers["Host"] == urlsplit(pattern.url).netloc


async def test_credentials_that_were_renewed_sign_the_next_call(endpoint):
    express, through_boto3 = make()
    await receive(express)
    await receive(express)
    express._credentials = Credentials("ASIA", "other", "token")
    await receive(express)
    (*_, before, _), (*_, after, _) = endpoint.asked[-2:]
    assert "x-amz-security-token" not in before
    assert "Credential=ASIA/" in after["authorization"]
    assert after["x-amz-security-token"] == "token"
    assert "x-amz-security-token" in after["authorization"]
    assert len(through_boto3) == 1
    express.close()
