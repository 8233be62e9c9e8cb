"""What boto3 sent once is sent again without it, and what goes wrong is boto3's."""

import asyncio
import json

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.credentials import Credentials

from wire.aws import Aws
from wire.errors import QueueUnavailable
from wire.express import Express

OK = (200, {"Messages": [{"MessageId": "m"}]})
QUEUE = "http://127.0.0.1/000000000000/q"
REFUSED = (400, {"__type": "com.amazonaws.sqs#QueueDoesNotExist", "message": "none"})
HANG, CLOSE, HALF = "hang", "close", "half"


class Endpoint:
    """Answers as told, one reply a request, the last one for ever; keeps what it was asked."""

    def __init__(self):
        self.asked = []
        self.replies = [OK]
        self.connections = 0

    async def serve(self):
        self._server = await asyncio.start_server(self._line, "127.0.0.1", 0)
        return self._server.sockets[0].getsockname()[1]

    def close(self):
        self._server.close()

    async def _line(self, reader, writer):
        self.connections += 1
        try:
            while await self._exchange(reader, writer):
                pass
        except asyncio.IncompleteReadError:
            pass
        writer.close()

    async def _exchange(self, reader, writer):
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        headers = dict(line.split(": ", 1) for line in head[1:] if line)
        headers = {name.lower(): value for name, value in headers.items()}
        body = await reader.readexactly(int(headers["content-length"]))
        self.asked.append((head[0], headers, body))
        reply = self.replies.pop(0) if len(self.replies) > 1 else self.replies[0]
        if reply == HANG:
            await asyncio.sleep(3600)
        if reply == CLOSE:
            return False
        status, answer = OK if reply == HALF else reply
        data = json.dumps(answer).encode()
        told = f"HTTP/1.1 {status} X\r\nContent-Length: {len(data)}\r\nDate: now\r\n\r\n"
        writer.write(told.encode() + (data[:5] if reply == HALF else data))
        await writer.drain()
        return reply != HALF


@pytest.fixture
async def endpoint(monkeypatch):
    endpoint = Endpoint()
    monkeypatch.setenv("AWS_ENDPOINT_URL_SQS", f"http://127.0.0.1:{await endpoint.serve()}")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKID")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    yield endpoint
    endpoint.close()


def make(config=None):
    aws = Aws("eu-west-1")
    client = aws.client("sqs", config)
    through_boto3 = []
    client.meta.events.register("before-send.sqs", lambda **_: through_boto3.append(1) or None)
    return Express(aws, client), through_boto3


async def receive(express):
    return await express.call("ReceiveMessage", QueueUrl=QUEUE, MaxNumberOfMessages=10)


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


@pytest.mark.parametrize("reply", [CLOSE, HALF, (500, {}), (503, {})])
async def test_what_goes_wrong_is_asked_again_by_boto3(endpoint, reply):
    express, through_boto3 = make()
    await receive(express)
    endpoint.replies = [reply, OK]
    assert (await receive(express))["Messages"] == OK[1]["Messages"]
    assert len(through_boto3) == 2
    express.close()


async def test_a_refusal_is_the_error_that_boto3_makes_of_it(endpoint):
    express, _ = make()
    await receive(express)
    endpoint.replies = [REFUSED]
    with pytest.raises(Exception, match="QueueDoesNotExist"):
        await receive(express)
    express.close()


async def test_an_endpoint_that_is_mute_is_an_outage_after_one_time_out(endpoint):
    express, through_boto3 = make(Config(read_timeout=0.3, retries={"total_max_attempts": 3}))
    await receive(express)
    endpoint.replies = [HANG]
    with pytest.raises(QueueUnavailable):
        await receive(express)
    assert len(through_boto3) == 1
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


async def test_credentials_that_are_due_are_renewed_by_boto3(endpoint):
    express, through_boto3 = make()
    await receive(express)
    express._credentials.refresh_needed = lambda: True
    await receive(express)
    assert len(through_boto3) == 2
    del express._credentials.refresh_needed
    await receive(express)
    assert len(through_boto3) == 2
    express.close()


async def test_a_proxy_is_boto3s_business(endpoint, monkeypatch):
    express, through_boto3 = make()
    proxy = f"http://127.0.0.1:{await Endpoint().serve()}"
    monkeypatch.setenv("HTTP_PROXY", proxy)
    monkeypatch.delenv("NO_PROXY", raising=False)
    for _ in range(2):
        await receive(express)
    assert len(through_boto3) == 2
    express.close()


async def test_who_is_not_reached_in_time_is_called_by_boto3(endpoint, monkeypatch):
    express, through_boto3 = make(Config(connect_timeout=0.2))
    await receive(express)

    async def connect(*args, **options):
        await asyncio.sleep(3600)

    monkeypatch.setattr(asyncio.get_running_loop(), "create_connection", connect)
    assert (await receive(express))["Messages"] == OK[1]["Messages"]
    assert len(through_boto3) == 2
    express.close()
