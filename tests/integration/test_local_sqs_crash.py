"""A killed or stopped SQS endpoint, started again: nothing that was acknowledged is lost."""

import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from tests.servers import Server, sqs

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient
    from mypy_boto3_sqs.type_defs import MessageTypeDef


def connect(server: Server) -> "SQSClient":
    return boto3.client(
        "sqs",
        endpoint_url=server.url,
        region_name="us-east-1",
        aws_access_key_id="local",
        aws_secret_access_key="local",
        config=Config(retries={"total_max_attempts": 1}),
    )


class Sender(threading.Thread):
    """Sends numbered messages until the endpoint is gone; remembers the acknowledged ones."""

    def __init__(self, server: Server, url: str, name: str) -> None:
        super().__init__(name=name)
        self.acknowledged: set[str] = set()
        self._client, self._url = connect(server), url

    def run(self) -> None:
        serial = 0
        while True:
            bodies = [f"{self.name}-{serial + n}" for n in range(10)]
            entries = [{"Id": str(n), "MessageBody": body} for n, body in enumerate(bodies)]
            try:
                answer = self._client.send_message_batch(QueueUrl=self._url, Entries=entries)
            except (BotoCoreError, ClientError):
                return
            self.acknowledged |= {bodies[int(entry["Id"])] for entry in answer["Successful"]}
            serial += 10


def drain(client: "SQSClient", url: str) -> "list[MessageTypeDef]":
    messages: list[MessageTypeDef] = []
    while batch := client.receive_message(
        QueueUrl=url, MaxNumberOfMessages=10, VisibilityTimeout=600
    ).get("Messages"):
        messages += batch
    return messages


def test_a_kill_under_load_loses_no_acknowledged_message(tmp_path: Path) -> None:
    with sqs(tmp_path / "data") as server:
        url = connect(server).create_queue(QueueName="jobs")["QueueUrl"]
        senders = [Sender(server, url, f"s{n}") for n in range(2)]
        for sender in senders:
            sender.start()
        time.sleep(1.5)
        server.kill()
        for sender in senders:
            sender.join(20)
        server.restart()
        bodies = [message["Body"] for message in drain(connect(server), url)]
        acknowledged = set().union(*(sender.acknowledged for sender in senders))
        assert len(acknowledged) > 100
        assert acknowledged <= set(bodies)
        assert len(bodies) == len(set(bodies))


def test_what_was_in_flight_stays_so_through_a_kill(tmp_path: Path) -> None:
    with sqs(tmp_path / "data") as server:
        client = connect(server)
        url = client.create_queue(QueueName="jobs", Attributes={"VisibilityTimeout": "3"})[
            "QueueUrl"
        ]
        for body in ("deleted", "held", "dropped"):
            client.send_message(QueueUrl=url, MessageBody=body)
        first = {
            message["Body"]: message["ReceiptHandle"]
            for message in client.receive_message(QueueUrl=url, MaxNumberOfMessages=10)["Messages"]
        }
        client.delete_message(QueueUrl=url, ReceiptHandle=first["deleted"])
        client.change_message_visibility(
            QueueUrl=url, ReceiptHandle=first["held"], VisibilityTimeout=600
        )
        server.kill()
        server.restart()
        client = connect(server)
        assert "Messages" not in client.receive_message(QueueUrl=url)
        again = client.receive_message(
            QueueUrl=url, WaitTimeSeconds=10, MessageSystemAttributeNames=["All"]
        )["Messages"]
        assert [message["Body"] for message in again] == ["dropped"]
        assert again[0]["Attributes"]["ApproximateReceiveCount"] == "2"
        client.delete_message(QueueUrl=url, ReceiptHandle=first["held"])
        client.delete_message(QueueUrl=url, ReceiptHandle=again[0]["ReceiptHandle"])
        left = client.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
        assert left["ApproximateNumberOfMessagesNotVisible"] == "0"


def test_a_stop_answers_long_polls_and_ends_at_once(tmp_path: Path) -> None:
    with sqs(tmp_path / "data") as server:
        client = connect(server)
        url = client.create_queue(QueueName="jobs")["QueueUrl"]
        answers: list[object] = []
        poll = threading.Thread(
            target=lambda: answers.append(
                client.receive_message(QueueUrl=url, WaitTimeSeconds=20).get("Messages")
            )
        )
        poll.start()
        time.sleep(0.5)
        started = time.monotonic()
        assert server.stop() == 0
        poll.join(20)
        assert answers == [None]
        assert time.monotonic() - started < 10
        assert "stopped" in server.log.read_text()


def test_a_second_server_on_the_folder_says_what_is_wrong(tmp_path: Path) -> None:
    with (
        sqs(tmp_path / "data"),
        pytest.raises(RuntimeError, match="in use by another local SQS server"),
        sqs(tmp_path / "data"),
    ):
        pass
