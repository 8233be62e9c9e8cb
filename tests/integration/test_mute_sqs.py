"""An SQS that takes every call and answers none."""

import socket
import threading
import time

import pytest

from balancer.service import PROMPT
from wire.aws import Aws
from wire.errors import QueueUnavailable
from wire.settings import BalancerSettings
from wire.sqs import SqsQueues


@pytest.fixture
def mute(monkeypatch):
    with socket.create_server(("127.0.0.1", 0)) as server:
        taken = []

        def accept() -> None:
            while True:
                try:
                    taken.append(server.accept()[0])
                except OSError:
                    return

        threading.Thread(target=accept, daemon=True).start()
        url = f"http://127.0.0.1:{server.getsockname()[1]}"
        monkeypatch.setenv("AWS_ENDPOINT_URL_SQS", url)
        for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
            monkeypatch.setenv(name, "x")
        yield taken
    for each in taken:
        each.close()


async def test_a_balancers_call_ends_before_a_lease_would(mute) -> None:
    aws = Aws("us-east-1", polls=1, calls=1)
    queues = SqsQueues(aws, PROMPT)
    began = time.monotonic()
    with pytest.raises(QueueUnavailable):
        await queues.open("q")
    assert time.monotonic() - began < BalancerSettings().lease
    assert mute
    await aws.close()
