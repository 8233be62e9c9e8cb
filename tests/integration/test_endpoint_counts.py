"""What the local endpoints were asked for can be read from outside."""

import urllib.request

import boto3
import pytest

from bench.throughput.calls import Calls
from tests.servers import sqs, storage

KEYS = {"aws_access_key_id": "test", "aws_secret_access_key": "test", "region_name": "us-east-1"}


def test_calls_and_puts_are_counted_by_action_and_queue(tmp_path):
    with sqs(tmp_path / "sqs") as queues, storage(tmp_path / "s3") as objects:
        client = boto3.client("sqs", endpoint_url=queues.url, **KEYS)
        bucket = boto3.client("s3", endpoint_url=objects.url, **KEYS)
        url = client.create_queue(QueueName="one-requests")["QueueUrl"]
        bucket.create_bucket(Bucket="pictures")
        calls = Calls(queues.url, objects.url)
        entries = [{"Id": str(i), "MessageBody": "x"} for i in range(7)]
        client.send_message_batch(QueueUrl=url, Entries=entries)
        client.receive_message(QueueUrl=url, MaxNumberOfMessages=10)
        client.receive_message(QueueUrl=url, MaxNumberOfMessages=10)
        for key in "ab":
            bucket.put_object(Bucket="pictures", Key=key, Body=b"1")
        bucket.get_object(Bucket="pictures", Key="a")
        made = calls.made()
    assert (made.sqs, made.puts) == (3, 2)
    assert made.by_action == {"SendMessageBatch requests": 1, "ReceiveMessage requests": 2}
    assert made.messages["SendMessageBatch requests"] == 7
    assert made.messages["ReceiveMessage requests"] == 7


def test_a_refused_call_counts_too(tmp_path):
    with sqs(tmp_path / "sqs") as queues:
        client = boto3.client("sqs", endpoint_url=queues.url, **KEYS)
        with pytest.raises(client.exceptions.QueueDoesNotExist):
            client.get_queue_url(QueueName="none")
        text = urllib.request.urlopen(f"{queues.url}/metrics", timeout=5).read().decode()
    assert 'sqs_calls_total{action="GetQueueUrl",queue="none"} 1' in text
