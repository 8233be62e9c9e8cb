"""Our queues with one fault of SQS at a time: nothing is lost, and what cannot be had is told."""

import asyncio
import uuid

import pytest

from tests.faults import Faults
from tests.servers import sqs
from wire.aws import Aws
from wire.errors import QueueUnavailable
from wire.queues import QueueOptions
from wire.sqs import SqsQueues


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with sqs(tmp_path_factory.mktemp("sqs"), "--faults", "{}") as running:
        yield running


@pytest.fixture
def faults(server):
    return Faults(server.url, "sqs")


@pytest.fixture
async def queues(server, monkeypatch):
    monkeypatch.setenv("AWS_ENDPOINT_URL_SQS", server.url)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    aws = Aws("us-east-1")
    queues = SqsQueues(aws)
    yield queues
    await queues.close()
    await aws.close()


@pytest.fixture
async def queue(queues):
    return await queues.ensure(f"q-{uuid.uuid4().hex[:8]}", QueueOptions(visibility=30))


async def drained(queue):
    """The bodies of all messages; deletes them."""
    bodies = []
    while taken := await queue.receive(wait=0):
        bodies += [message.body for message in taken]
        await asyncio.gather(*(queue.delete(message.receipt) for message in taken))
    return bodies


@pytest.mark.parametrize("fault", ["throttle", "error", "unavailable"])
async def test_a_send_that_is_refused_twice_arrives_once(queue, faults, fault):
    with faults.on({"fault": fault, "share": 1, "limit": 2, "on": ["SendMessageBatch"]}):
        await queue.send_many(["a", "b"])
    assert sorted(await drained(queue)) == ["a", "b"]


@pytest.mark.parametrize("fault", ["lost", "lost_500", "cut"])
async def test_a_send_whose_answer_is_lost_arrives_twice_and_is_not_lost(queue, faults, fault):
    with faults.on({"fault": fault, "share": 1, "limit": 1, "on": ["SendMessageBatch"]}):
        await queue.send("a")
    assert await drained(queue) == ["a", "a"]


async def test_of_a_batch_only_what_failed_is_sent_again(queue, faults):
    with faults.on({"fault": "partial", "share": 0.5, "limit": 12, "on": ["SendMessageBatch"]}):
        await queue.send_many([str(n) for n in range(30)])
        assert faults.hits() == [12]
    assert sorted(map(int, await drained(queue))) == list(range(30))


async def test_an_outage_is_told_and_only_to_those_it_befell(queue, faults):
    rule = {"fault": "partial", "share": 1, "on": ["SendMessageBatch"]}
    with faults.on(rule), pytest.raises(QueueUnavailable):
        await queue.send("a")
    await queue.send("b")
    assert await drained(queue) == ["b"]


@pytest.mark.parametrize("fault", ["throttle", "error", "unavailable", "empty"])
async def test_a_receive_that_fails_loses_nothing(queue, faults, fault):
    await queue.send("a")
    rule = {"fault": fault, "share": 1, "limit": 1, "on": ["ReceiveMessage"]}
    with faults.on(rule):
        taken = await queue.receive(wait=2) or await queue.receive(wait=2)
    assert [(message.body, message.receive_count) for message in taken] == [("a", 1)]


async def test_throttled_for_good_it_asks_ever_less_often_and_says_so(queue, faults):
    with faults.on({"fault": "throttle", "share": 1, "on": ["ReceiveMessage"]}):
        with pytest.raises(QueueUnavailable):
            await queue.receive(wait=0)
        assert faults.hits() == [4]


@pytest.mark.parametrize("fault", ["lost", "lost_500", "cut"])
async def test_a_receive_whose_answer_is_lost_brings_it_after_the_time_out(queues, faults, fault):
    queue = await queues.ensure(f"q-{uuid.uuid4().hex[:8]}", QueueOptions(visibility=1))
    await queue.send("a")
    with faults.on({"fault": fault, "share": 1, "limit": 1, "on": ["ReceiveMessage"]}):
        (message,) = await queue.receive(wait=10)
    assert (message.body, message.receive_count) == ("a", 2)


@pytest.mark.parametrize("fault", ["throttle", "error", "lost", "lost_500", "cut", "partial"])
async def test_a_delete_gets_through(queues, faults, fault):
    queue = await queues.ensure(f"q-{uuid.uuid4().hex[:8]}", QueueOptions(visibility=2))
    await queue.send("a")
    (message,) = await queue.receive(wait=2)
    with faults.on({"fault": fault, "share": 1, "limit": 1, "on": ["DeleteMessageBatch"]}):
        await queue.delete(message.receipt)
    depth = await queue.depth()
    assert (depth.visible, depth.in_flight) == (0, 0)


@pytest.mark.parametrize("fault", ["throttle", "error", "lost", "lost_500", "cut", "partial"])
async def test_a_message_given_back_shows_again_at_once(queue, faults, fault):
    await queue.send("a")
    (message,) = await queue.receive(wait=2)
    rule = {"fault": fault, "share": 1, "limit": 1, "on": ["ChangeMessageVisibilityBatch"]}
    with faults.on(rule):
        await queue.extend(message.receipt, 0)
    assert await queue.receive(wait=2)


@pytest.mark.parametrize("fault", ["throttle", "error", "unavailable", "lost", "lost_500", "cut"])
async def test_queues_are_made_opened_counted_and_removed(queues, faults, fault):
    name = f"q-{uuid.uuid4().hex[:8]}"
    actions = ("CreateQueue", "GetQueueUrl", "GetQueueAttributes", "ListQueues", "DeleteQueue")
    rules = [{"fault": fault, "share": 1, "limit": 1, "on": [action]} for action in actions]
    with faults.on(*rules):
        queue = await queues.ensure(name, QueueOptions())
        assert (await queue.depth()).visible == 0
        assert await queues.names(name) == [name]
        await queues.remove(name)
    assert await queues.names(name) == []
