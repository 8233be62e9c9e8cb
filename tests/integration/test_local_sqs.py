"""boto3 against a real `python -m local.sqs`: the protocol, its answers and its refusals."""

import json
import socket
import threading
import time
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import boto3
import pytest
from botocore.config import Config

from tests.servers import Server, sqs

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient


def connect(server: Server) -> "SQSClient":
    return boto3.client(
        "sqs",
        endpoint_url=server.url,
        region_name="us-east-1",
        aws_access_key_id="local",
        aws_secret_access_key="local",
        config=Config(retries={"total_max_attempts": 1}, max_pool_connections=200),
    )


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with sqs(tmp_path_factory.mktemp("sqs")) as running:
        yield running


@pytest.fixture(scope="module")
def client(server: Server) -> "SQSClient":
    return connect(server)


@pytest.fixture
def url(client: "SQSClient") -> str:
    return client.create_queue(QueueName=f"q-{uuid.uuid4()}")["QueueUrl"]


def test_a_message_goes_through(client: "SQSClient", url: str) -> None:
    before = int(time.time() * 1000)
    sent = client.send_message(
        QueueUrl=url,
        MessageBody="Grüße 🐈",
        MessageAttributes={
            "kind": {"DataType": "String", "StringValue": "cat"},
            "raw": {"DataType": "Binary", "BinaryValue": b"\x00\x01"},
        },
        MessageGroupId="tenant-1",
    )
    message = client.receive_message(
        QueueUrl=url, MessageSystemAttributeNames=["All"], MessageAttributeNames=["All"]
    )["Messages"][0]
    assert message["Body"] == "Grüße 🐈"
    assert message["MessageId"] == sent["MessageId"]
    assert message["MD5OfBody"] == sent["MD5OfMessageBody"]
    assert message["MD5OfMessageAttributes"] == sent["MD5OfMessageAttributes"]
    assert message["MessageAttributes"]["raw"]["BinaryValue"] == b"\x00\x01"
    attributes = message["Attributes"]
    assert attributes["ApproximateReceiveCount"] == "1"
    assert attributes["MessageGroupId"] == "tenant-1"
    sent_ms, first_ms = (
        int(attributes[name]) for name in ("SentTimestamp", "ApproximateFirstReceiveTimestamp")
    )
    assert before <= sent_ms <= first_ms <= time.time() * 1000
    client.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
    assert counts(client, url) == (0, 0, 0)


def test_only_the_attributes_asked_for_are_shown(client: "SQSClient", url: str) -> None:
    attributes = {
        name: {"DataType": "String", "StringValue": "v"} for name in ("a.one", "a.two", "b")
    }
    client.send_message(QueueUrl=url, MessageBody="x", MessageAttributes=attributes)
    shown = client.receive_message(
        QueueUrl=url, MessageAttributeNames=["a.*"], AttributeNames=["SentTimestamp"]
    )["Messages"][0]
    assert sorted(shown["MessageAttributes"]) == ["a.one", "a.two"]
    assert list(shown["Attributes"]) == ["SentTimestamp"]


def test_batches_send_hold_and_delete(client: "SQSClient", url: str) -> None:
    entries = [{"Id": str(n), "MessageBody": str(n)} for n in range(10)]
    sent = client.send_message_batch(QueueUrl=url, Entries=entries)
    assert [entry["Id"] for entry in sent["Successful"]] == [str(n) for n in range(10)]
    messages = client.receive_message(QueueUrl=url, MaxNumberOfMessages=10)["Messages"]
    assert [message["Body"] for message in messages] == [str(n) for n in range(10)]
    handles = [message["ReceiptHandle"] for message in messages]
    held = client.change_message_visibility_batch(
        QueueUrl=url,
        Entries=[
            {"Id": "good", "ReceiptHandle": handles[0], "VisibilityTimeout": 0},
            {"Id": "bad", "ReceiptHandle": "none", "VisibilityTimeout": 0},
        ],
    )
    assert [entry["Id"] for entry in held["Successful"]] == ["good"]
    assert [(entry["Id"], entry["Code"]) for entry in held["Failed"]] == [
        ("bad", "ReceiptHandleIsInvalid")
    ]
    deleted = client.delete_message_batch(
        QueueUrl=url,
        Entries=[{"Id": str(n), "ReceiptHandle": handle} for n, handle in enumerate(handles)],
    )
    assert len(deleted["Successful"]) == 10
    assert counts(client, url) == (0, 0, 0)


def test_a_stale_handle_deletes_nothing_and_is_answered_success(
    client: "SQSClient", url: str
) -> None:
    client.send_message(QueueUrl=url, MessageBody="x")
    stale = client.receive_message(QueueUrl=url, VisibilityTimeout=0)["Messages"][0]
    fresh = client.receive_message(QueueUrl=url)["Messages"][0]
    assert stale["ReceiptHandle"] != fresh["ReceiptHandle"]
    client.delete_message(QueueUrl=url, ReceiptHandle=stale["ReceiptHandle"])
    assert counts(client, url) == (0, 1, 0)
    with pytest.raises(client.exceptions.MessageNotInflight):
        client.change_message_visibility(
            QueueUrl=url, ReceiptHandle=stale["ReceiptHandle"], VisibilityTimeout=5
        )
    client.delete_message(QueueUrl=url, ReceiptHandle=fresh["ReceiptHandle"])
    client.delete_message(QueueUrl=url, ReceiptHandle=fresh["ReceiptHandle"])
    assert counts(client, url) == (0, 0, 0)


def test_redrive_moves_what_nobody_could_work(client: "SQSClient", url: str) -> None:
    dead = client.create_queue(QueueName=f"dead-{uuid.uuid4()}")["QueueUrl"]
    arn = client.get_queue_attributes(QueueUrl=dead, AttributeNames=["QueueArn"])["Attributes"][
        "QueueArn"
    ]
    policy = json.dumps({"deadLetterTargetArn": arn, "maxReceiveCount": "2"})
    client.set_queue_attributes(QueueUrl=url, Attributes={"RedrivePolicy": policy})
    client.set_queue_attributes(
        QueueUrl=dead,
        Attributes={"RedriveAllowPolicy": json.dumps({"redrivePermission": "allowAll"})},
    )
    assert client.list_dead_letter_source_queues(QueueUrl=dead)["queueUrls"] == [url]
    client.send_message(QueueUrl=url, MessageBody="poison")
    for _ in range(2):
        assert client.receive_message(QueueUrl=url, VisibilityTimeout=0)["Messages"]
    assert "Messages" not in client.receive_message(QueueUrl=url)
    message = client.receive_message(QueueUrl=dead, MessageSystemAttributeNames=["All"])[
        "Messages"
    ][0]
    assert message["Body"] == "poison"
    assert message["Attributes"]["DeadLetterQueueSourceArn"].endswith(url.rpartition("/")[2])


def test_queues_are_listed_in_pages(client: "SQSClient") -> None:
    prefix = f"page-{uuid.uuid4().hex[:8]}"
    urls = [client.create_queue(QueueName=f"{prefix}-{n}")["QueueUrl"] for n in range(5)]
    assert client.list_queues(QueueNamePrefix=prefix)["QueueUrls"] == urls
    pages = client.get_paginator("list_queues").paginate(
        QueueNamePrefix=prefix, PaginationConfig={"PageSize": 2}
    )
    assert [len(page["QueueUrls"]) for page in pages] == [2, 2, 1]
    assert "QueueUrls" not in client.list_queues(QueueNamePrefix="no-such-prefix")


def test_tags_are_kept(client: "SQSClient", url: str) -> None:
    client.tag_queue(QueueUrl=url, Tags={"a": "1", "b": "2"})
    client.untag_queue(QueueUrl=url, TagKeys=["a"])
    assert client.list_queue_tags(QueueUrl=url)["Tags"] == {"b": "2"}


def test_the_rest_of_a_name_can_be_shortened_for_tests(tmp_path: Path) -> None:
    with sqs(tmp_path / "data", "--rest", "0") as server:
        client = connect(server)
        url = client.create_queue(QueueName="a")["QueueUrl"]
        client.send_message(QueueUrl=url, MessageBody="x")
        client.delete_queue(QueueUrl=url)
        assert client.create_queue(QueueName="a")["QueueUrl"] == url
        assert counts(client, url) == (0, 0, 0)


def test_a_hundred_long_polls_are_all_answered(client: "SQSClient") -> None:
    urls = [client.create_queue(QueueName=f"many-{n}")["QueueUrl"] for n in range(120)]
    answers: dict[str, str] = {}

    def poll(url: str) -> None:
        message = client.receive_message(QueueUrl=url, WaitTimeSeconds=20)["Messages"][0]
        answers[url] = message["Body"]

    threads = [threading.Thread(target=poll, args=(url,)) for url in urls]
    for thread in threads:
        thread.start()
    time.sleep(1)
    for url in urls:
        client.send_message(QueueUrl=url, MessageBody=url)
    for thread in threads:
        thread.join(20)
    assert answers == {url: url for url in urls}


def test_a_client_that_hung_up_is_given_nothing(client: "SQSClient", url: str) -> None:
    host, port = url.split("/")[2].split(":")
    body = json.dumps({"QueueUrl": url, "WaitTimeSeconds": 20}).encode()
    head = (
        f"POST / HTTP/1.1\r\nHost: {host}:{port}\r\nX-Amz-Target: AmazonSQS.ReceiveMessage\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    with socket.create_connection((host, int(port))) as raw:
        raw.sendall(head.encode() + body)
        time.sleep(0.3)
    time.sleep(0.3)
    client.send_message(QueueUrl=url, MessageBody="x")
    message = client.receive_message(
        QueueUrl=url, MessageSystemAttributeNames=["ApproximateReceiveCount"]
    )["Messages"][0]
    assert message["Attributes"]["ApproximateReceiveCount"] == "1"


def test_a_long_poll_that_ends_empty_says_so(client: "SQSClient", url: str) -> None:
    started = time.monotonic()
    assert "Messages" not in client.receive_message(QueueUrl=url, WaitTimeSeconds=1)
    assert time.monotonic() - started >= 0.99


def counts(client: "SQSClient", url: str) -> tuple[int, int, int]:
    """Messages visible, in flight, delayed."""
    attributes = client.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
    prefix = "ApproximateNumberOfMessages"
    visible, in_flight, delayed = (
        int(attributes[f"{prefix}{suffix}"])  # type: ignore[index]
        for suffix in ("", "NotVisible", "Delayed")
    )
    return visible, in_flight, delayed
