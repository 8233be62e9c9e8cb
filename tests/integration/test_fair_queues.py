"""Fair queues through boto3: what AWS documents, held against the local endpoint; and what moto and
MiniStack, which are not fair, make of the same requests."""

import time
import uuid
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import boto3
import pytest
from botocore.exceptions import ClientError

from bench.contenders import MINISTACK, running
from tests.servers import moto_server, sqs, sqs_server

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient


def connect(url: str) -> "SQSClient":
    return boto3.client(
        "sqs",
        endpoint_url=url,
        region_name="us-east-1",
        aws_access_key_id="local",
        aws_secret_access_key="local",
    )


@pytest.fixture(scope="module")
def endpoints(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, "SQSClient"]]:
    with ExitStack() as stack:
        local = stack.enter_context(sqs_server(tmp_path_factory.mktemp("sqs")))
        moto = stack.enter_context(moto_server())
        ministack = stack.enter_context(running(MINISTACK)).address
        yield {"local": connect(local), "moto": connect(moto), "ministack": connect(ministack)}


@pytest.fixture(params=["local", "moto", "ministack"])
def any_client(request: pytest.FixtureRequest, endpoints: dict[str, "SQSClient"]) -> "SQSClient":
    return endpoints[request.param]


@pytest.fixture
def client(endpoints: dict[str, "SQSClient"]) -> "SQSClient":
    return endpoints["local"]


def made(client: "SQSClient") -> str:
    return client.create_queue(QueueName=f"fair-{uuid.uuid4().hex[:12]}")["QueueUrl"]


def send(client: "SQSClient", url: str, group: str, count: int) -> None:
    for first in range(0, count, 10):
        client.send_message_batch(
            QueueUrl=url,
            Entries=[
                {"Id": str(n), "MessageBody": f"{group} {n}", "MessageGroupId": group}
                for n in range(first, min(first + 10, count))
            ],
        )


def take(client: "SQSClient", url: str) -> list[str]:
    messages = client.receive_message(
        QueueUrl=url,
        MaxNumberOfMessages=10,
        VisibilityTimeout=600,
        MessageSystemAttributeNames=["MessageGroupId"],
    ).get("Messages", [])
    return [message["Attributes"]["MessageGroupId"] for message in messages]


def work(client: "SQSClient", url: str, limit: int, seconds: float) -> list[str]:
    """Receive, hold for a while, delete; the bodies."""
    messages = client.receive_message(QueueUrl=url, MaxNumberOfMessages=limit)["Messages"]
    time.sleep(seconds)
    for message in messages:
        client.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
    return [message["Body"] for message in messages]


def test_a_batch_may_hold_messages_of_several_groups_and_of_none(any_client: "SQSClient") -> None:
    url = made(any_client)
    entries = [{"Id": "a", "MessageGroupId": "a"}, {"Id": "b", "MessageGroupId": "b"}, {"Id": "c"}]
    answer = any_client.send_message_batch(
        QueueUrl=url,
        Entries=[{**entry, "MessageBody": entry["Id"]} for entry in entries],  # type: ignore[typeddict-item]
    )
    assert sorted(row["Id"] for row in answer["Successful"]) == ["a", "b", "c"]
    assert any_client.send_message(QueueUrl=url, MessageBody="d", MessageGroupId="a")["MessageId"]
    bodies = {
        message["Body"]
        for _ in range(4)
        for message in any_client.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get(
            "Messages", []
        )
    }
    assert bodies == {"a", "b", "c", "d"}


def test_a_message_tells_its_group_when_asked(client: "SQSClient") -> None:
    url = made(client)
    send(client, url, "who!", 1)
    assert take(client, url) == ["who!"]


def test_the_quiet_pass_the_loud_one(client: "SQSClient") -> None:
    url = made(client)
    send(client, url, "loud", 200)
    for _ in range(3):
        assert take(client, url) == ["loud"] * 10
    send(client, url, "quiet", 2)
    assert take(client, url) == ["quiet"] * 2 + ["loud"] * 8


def test_one_worker_that_holds_ten_at_a_time_is_enough_to_tell(client: "SQSClient") -> None:
    url = made(client)
    send(client, url, "loud", 400)
    for _ in range(15):  # brings 165 of them at most
        work(client, url, 10, 0.2)
        send(client, url, "quiet", 1)
        if work(client, url, 1, 0) == ["quiet 0"]:
            return
    pytest.fail("the quiet group never came first")


def test_the_loud_alone_get_all_they_ask_for(client: "SQSClient") -> None:
    url = made(client)
    send(client, url, "loud", 100)
    assert [len(take(client, url)) for _ in range(11)] == [10] * 10 + [0]


@pytest.mark.parametrize("group", ["x" * 129, "with space", "é"])
def test_what_is_no_group_is_refused_alone(client: "SQSClient", group: str) -> None:
    url = made(client)
    answer = client.send_message_batch(
        QueueUrl=url,
        Entries=[
            {"Id": "bad", "MessageBody": "x", "MessageGroupId": group},
            {"Id": "good", "MessageBody": "x", "MessageGroupId": "!" * 128},
        ],
    )
    assert [row["Id"] for row in answer["Successful"]] == ["good"]
    (failed,) = answer["Failed"]
    assert (failed["SenderFault"], failed["Code"]) == (True, "InvalidParameterValue")
    with pytest.raises(ClientError, match="MessageGroupId"):
        client.send_message(QueueUrl=url, MessageBody="x", MessageGroupId=group)


def test_noisy_groups_are_metrics_not_attributes(client: "SQSClient") -> None:
    with pytest.raises(ClientError) as refusal:
        client.get_queue_attributes(
            QueueUrl=made(client),
            AttributeNames=["ApproximateNumberOfNoisyGroups"],  # type: ignore[list-item]
        )
    assert refusal.value.response["Error"]["Code"] == "InvalidAttributeName"


def test_a_kill_changes_nobodys_turn(tmp_path: Path) -> None:
    with sqs(tmp_path / "sqs") as server:
        client = connect(server.url)
        url = made(client)
        send(client, url, "loud", 50)
        for _ in range(3):
            take(client, url)
        server.kill()
        server.restart()
        send(client, url, "quiet", 1)
        assert take(client, url)[0] == "quiet"
