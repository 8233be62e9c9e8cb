"""What SQS's own faults are called here."""

import pytest
from botocore.stub import Stubber

from wire.aws import Aws
from wire.errors import QueueUnavailable
from wire.express import Express
from wire.queues import TooManyInFlight
from wire.sqs import SqsQueue


@pytest.fixture
async def aws(monkeypatch):
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "x")
    aws = Aws("us-east-1", polls=1, calls=1)
    yield aws
    await aws.close()


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("OverLimit", TooManyInFlight),
        ("AWS.SimpleQueueService.OverLimit", TooManyInFlight),
        ("RequestThrottled", QueueUnavailable),
    ],
)
async def test_too_many_in_flight_is_told_from_an_outage(aws, code, kind) -> None:
    client = aws.client("sqs")
    queue = SqsQueue(
        aws, client, Express(aws, client), "q", "https://sqs.us-east-1.amazonaws.com/0/q"
    )
    with Stubber(client) as stub:
        stub.add_client_error("receive_message", service_error_code=code, http_status_code=403)
        with pytest.raises(QueueUnavailable) as caught:
            await queue.receive(10, wait=0)
    assert type(caught.value) is kind
