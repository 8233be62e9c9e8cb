"""What a soak finds left in the queues, by a real `python -m local.sqs`."""

import boto3

from bench.soak.remains import ACCESS, left
from tests.servers import sqs_server


def test_a_queue_that_goes_while_they_are_counted_holds_nothing(tmp_path, monkeypatch) -> None:
    with sqs_server(tmp_path) as url:
        ours = boto3.client("sqs", endpoint_url=url, **ACCESS)
        gone, kept = (
            ours.create_queue(QueueName=name)["QueueUrl"] for name in ("a-responses-1", "b")
        )
        ours.send_message(QueueUrl=kept, MessageBody="left")

        def client(*given, **options):
            theirs = connect(*given, **options)
            theirs.meta.events.register(
                "after-call.sqs.ListQueues", lambda **_: ours.delete_queue(QueueUrl=gone)
            )
            return theirs

        connect = boto3.client
        monkeypatch.setattr(boto3, "client", client)
        assert left(url) == {"b": 1}
