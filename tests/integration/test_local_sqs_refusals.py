"""What a real `python -m local.sqs` refuses, and how boto3 names it."""

import uuid
from collections.abc import Iterator
from typing import TYPE_CHECKING

import boto3
import httpx
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from tests.servers import Server, sqs

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with sqs(tmp_path_factory.mktemp("sqs")) as running:
        yield running


@pytest.fixture(scope="module")
def client(server: Server) -> "SQSClient":
    return boto3.client(
        "sqs",
        endpoint_url=server.url,
        region_name="us-east-1",
        aws_access_key_id="local",
        aws_secret_access_key="local",
        config=Config(retries={"total_max_attempts": 1}),
    )


@pytest.fixture
def url(client: "SQSClient") -> str:
    return client.create_queue(QueueName=f"q-{uuid.uuid4()}")["QueueUrl"]


def test_refusals_are_the_ones_boto3_knows(client: "SQSClient", url: str) -> None:
    known = client.exceptions
    name = url.rpartition("/")[2]
    with pytest.raises(known.QueueDoesNotExist) as refused:
        client.get_queue_url(QueueName="no-such-queue")
    assert refused.value.response["Error"]["Code"] == "AWS.SimpleQueueService.NonExistentQueue"
    with pytest.raises(known.QueueDoesNotExist):
        client.receive_message(QueueUrl=url + "x", WaitTimeSeconds=20)
    with pytest.raises(known.QueueNameExists):
        client.create_queue(QueueName=name, Attributes={"VisibilityTimeout": "31"})
    with pytest.raises(known.InvalidAttributeName):
        client.get_queue_attributes(QueueUrl=url, AttributeNames=["Color"])  # type: ignore[list-item]
    with pytest.raises(known.ReceiptHandleIsInvalid):
        client.delete_message(QueueUrl=url, ReceiptHandle="nonsense")
    with pytest.raises(known.UnsupportedOperation):
        client.create_queue(QueueName="x.fifo", Attributes={"FifoQueue": "true"})
    with pytest.raises(known.EmptyBatchRequest):
        client.send_message_batch(QueueUrl=url, Entries=[])
    with pytest.raises(known.TooManyEntriesInBatchRequest):
        client.send_message_batch(
            QueueUrl=url, Entries=[{"Id": str(n), "MessageBody": "x"} for n in range(11)]
        )
    with pytest.raises(known.BatchEntryIdsNotDistinct):
        client.send_message_batch(QueueUrl=url, Entries=[{"Id": "a", "MessageBody": "x"}] * 2)
    with pytest.raises(known.InvalidBatchEntryId):
        client.send_message_batch(QueueUrl=url, Entries=[{"Id": "a b", "MessageBody": "x"}])
    with pytest.raises(ClientError, match="InvalidParameterValue"):
        client.receive_message(QueueUrl=url, MaxNumberOfMessages=11)
    with pytest.raises(ClientError, match="InvalidParameterValue"):
        client.receive_message(QueueUrl=url, WaitTimeSeconds=21)


def test_a_message_or_batch_over_1_mib_is_refused(client: "SQSClient", url: str) -> None:
    client.send_message(QueueUrl=url, MessageBody="x" * 1_048_576)
    with pytest.raises(ClientError, match="InvalidParameterValue"):
        client.send_message(QueueUrl=url, MessageBody="x" * 1_048_577)
    half = "x" * 524_289
    with pytest.raises(client.exceptions.BatchRequestTooLong):
        client.send_message_batch(
            QueueUrl=url, Entries=[{"Id": n, "MessageBody": half} for n in ("a", "b")]
        )
    (only,) = client.receive_message(QueueUrl=url, MaxNumberOfMessages=10)["Messages"]
    assert len(only["Body"]) == 1_048_576


def test_a_deleted_name_is_unusable_for_a_minute(client: "SQSClient", url: str) -> None:
    name = url.rpartition("/")[2]
    client.send_message(QueueUrl=url, MessageBody="x")
    client.delete_queue(QueueUrl=url)
    with pytest.raises(client.exceptions.QueueDeletedRecently):
        client.create_queue(QueueName=name)
    with pytest.raises(client.exceptions.QueueDoesNotExist):
        client.send_message(QueueUrl=url, MessageBody="x")


def test_what_is_no_sqs_request_is_told_so(server: Server) -> None:
    page = httpx.get(server.url)
    assert page.status_code == 400
    assert "X-Amz-Target" in page.json()["message"]
    unknown = httpx.post(server.url, headers={"X-Amz-Target": "AmazonSQS.Dance"}, content=b"{}")
    assert "AmazonSQS.Dance" in unknown.json()["message"]
    for body in (b"{", b"[]", b'"text"', b"\xff"):
        broken = httpx.post(
            server.url, headers={"X-Amz-Target": "AmazonSQS.SendMessage"}, content=body
        )
        assert broken.status_code == 400
        assert broken.json()["__type"].endswith("#SerializationException")


def test_a_web_page_is_refused(server: Server) -> None:
    headers = {"X-Amz-Target": "AmazonSQS.ListQueues", "Origin": "https://example.com"}
    assert httpx.post(server.url, headers=headers, content=b"{}").status_code == 403
