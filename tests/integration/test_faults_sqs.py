"""The queues with one fault at a time: what it does to a bare client."""

import subprocess
import sys
import time
import urllib.error
import uuid

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from tests.faults import Faults
from tests.servers import ROOT, sqs


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with sqs(tmp_path_factory.mktemp("sqs"), "--faults", "{}") as running:
        yield running


@pytest.fixture
def faults(server):
    return Faults(server.url, "sqs")


@pytest.fixture
def bare(server):
    """boto3 without its retries."""
    return boto3.client(
        "sqs",
        endpoint_url=server.url,
        region_name="us-east-1",
        aws_access_key_id="local",
        aws_secret_access_key="local",
        config=Config(retries={"total_max_attempts": 1}),
    )


@pytest.fixture
def url(bare):
    return bare.create_queue(QueueName=f"q-{uuid.uuid4().hex[:8]}")["QueueUrl"]


@pytest.mark.parametrize(
    ("fault", "status", "code"),
    [
        ("throttle", 400, "RequestThrottled"),
        ("error", 500, "InternalFailure"),
        ("unavailable", 503, "ServiceUnavailable"),
    ],
)
def test_what_is_refused_took_no_effect(bare, url, faults, fault, status, code):
    rule = {"fault": fault, "share": 1, "on": ["SendMessage"]}
    with faults.on(rule), pytest.raises(ClientError) as refusal:
        bare.send_message(QueueUrl=url, MessageBody="x")
    assert refusal.value.response["ResponseMetadata"]["HTTPStatusCode"] == status
    assert refusal.value.response["Error"]["Code"] == code
    assert "Messages" not in bare.receive_message(QueueUrl=url)


@pytest.mark.parametrize("fault", ["lost", "lost_500", "cut"])
def test_what_lost_its_answer_took_effect(bare, url, faults, fault):
    with faults.on({"fault": fault, "share": 1}), pytest.raises((ClientError, BotoCoreError)):
        bare.send_message(QueueUrl=url, MessageBody="x")
    assert len(bare.receive_message(QueueUrl=url)["Messages"]) == 1


def test_a_delay_comes_before_the_effect(bare, url, faults):
    started = time.monotonic()
    with faults.on({"fault": "delay", "share": 1, "seconds": [0.3, 0.4]}):
        bare.send_message(QueueUrl=url, MessageBody="x")
    assert time.monotonic() - started >= 0.3


def test_some_entries_of_a_batch_fail_alone(bare, url, faults):
    entries = [{"Id": f"e{n}", "MessageBody": str(n)} for n in range(10)]
    with faults.on({"fault": "partial", "share": 0.5}):
        answer = bare.send_message_batch(QueueUrl=url, Entries=entries)
    failed = {row["Id"] for row in answer["Failed"]}
    assert {row["Id"] for row in answer["Successful"]} == {f"e{n}" for n in range(10)} - failed
    assert not any(row["SenderFault"] for row in answer["Failed"])
    messages = bare.receive_message(QueueUrl=url, MaxNumberOfMessages=10)["Messages"]
    assert {f"e{message['Body']}" for message in messages}.isdisjoint(failed)
    assert len(messages) + len(failed) == 10


def test_a_batch_may_fail_in_every_entry(bare, url, faults):
    with faults.on({"fault": "partial", "share": 1}):
        answer = bare.send_message_batch(
            QueueUrl=url, Entries=[{"Id": "a", "MessageBody": "x"}, {"Id": "b", "MessageBody": "x"}]
        )
    assert [row["Id"] for row in answer["Failed"]] == ["a", "b"]


def test_a_message_is_handed_out_twice_and_a_deleted_one_too(bare, url, faults):
    bare.send_message(QueueUrl=url, MessageBody="x")
    with faults.on({"fault": "duplicate", "share": 1, "limit": 1}):
        (first,) = bare.receive_message(QueueUrl=url)["Messages"]
        bare.delete_message(QueueUrl=url, ReceiptHandle=first["ReceiptHandle"])
        (again,) = bare.receive_message(
            QueueUrl=url, MessageSystemAttributeNames=["ApproximateReceiveCount"]
        )["Messages"]
    assert (again["MessageId"], again["Body"]) == (first["MessageId"], "x")
    assert again["Attributes"]["ApproximateReceiveCount"] == "2"


def test_messages_come_out_of_order(bare, url, faults):
    with faults.on({"fault": "reorder", "share": 0.5, "seconds": [0.1, 0.3]}):
        for n in range(10):
            bare.send_message(QueueUrl=url, MessageBody=str(n))
    time.sleep(0.4)
    messages = bare.receive_message(QueueUrl=url, MaxNumberOfMessages=10)["Messages"]
    order = [int(message["Body"]) for message in messages]
    assert sorted(order) == list(range(10))
    assert order != sorted(order)


def test_a_receive_brings_nothing_though_messages_wait(bare, url, faults):
    bare.send_message(QueueUrl=url, MessageBody="x")
    with faults.on({"fault": "empty", "share": 1, "limit": 1}):
        assert "Messages" not in bare.receive_message(QueueUrl=url, WaitTimeSeconds=5)
        assert bare.receive_message(QueueUrl=url)["Messages"]


def test_a_message_shows_again_before_its_time(bare, url, faults):
    bare.send_message(QueueUrl=url, MessageBody="x")
    with faults.on({"fault": "early", "share": 1, "limit": 1, "seconds": [0.1, 0.2]}):
        bare.receive_message(QueueUrl=url, VisibilityTimeout=600)
        assert bare.receive_message(QueueUrl=url, WaitTimeSeconds=5)["Messages"]


def test_other_queues_and_actions_are_spared(bare, url, faults):
    faults.replace(
        {"fault": "error", "share": 1, "where": "another-queue"},
        {"fault": "error", "share": 1, "on": ["DeleteQueue"]},
    )
    bare.send_message(QueueUrl=url, MessageBody="x")
    assert faults.hits() == [0, 0]
    faults.replace()


def test_the_same_seed_gives_the_same_faults(bare, url, faults):
    def failures(seed):
        failed = []
        with faults.on({"fault": "error", "share": 0.3}, seed=seed):
            for n in range(40):
                try:
                    bare.send_message(QueueUrl=url, MessageBody="x")
                except ClientError:
                    failed.append(n)
        return failed

    assert failures(5) == failures(5) != failures(6)


def test_a_document_that_is_none_is_refused_by_name(faults):
    with pytest.raises(urllib.error.HTTPError, match="400") as refusal:
        faults.replace({"fault": "conflict", "share": 1})
    assert "conflict" in refusal.value.read().decode()


@pytest.mark.parametrize(
    ("source", "text"), [('{"sqs": [{"fault": "x"}]}', "sqs.0.fault"), ("/no/such", "/no/such")]
)
def test_it_does_not_start_with_faults_that_cannot_be_read(tmp_path, source, text):
    command = [sys.executable, "-m", "local.sqs", "--port", "0", "--data", str(tmp_path)]
    ended = subprocess.run(
        [*command, "--faults", source], cwd=ROOT, capture_output=True, timeout=60
    )
    assert ended.returncode == 1
    assert text in ended.stderr.decode()


def test_an_option_that_it_has_not_is_refused(tmp_path):
    command = [sys.executable, "-m", "local.sqs", "--data", str(tmp_path), "--flush", "1"]
    ended = subprocess.run([*command, "--faults", "{}"], cwd=ROOT, capture_output=True, timeout=60)
    assert ended.returncode == 2
    assert "--flush goes without --faults" in ended.stderr.decode()


def test_nothing_of_it_is_loaded_unless_asked_for():
    code = (
        "import sys, local.sqs.__main__, local.storage\n"
        "print([n for n in sys.modules if n.startswith('local.faults')], 'pydantic' in sys.modules)"
    )
    ended = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, timeout=60)
    assert ended.stdout.decode().strip() == "['local.faults', 'local.faults.errors'] False"


def test_without_the_option_there_is_no_control(tmp_path):
    with sqs(tmp_path / "plain") as plain, pytest.raises(urllib.error.HTTPError):
        Faults(plain.url, "sqs").rows()
