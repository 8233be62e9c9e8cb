"""One contract, three queues: the local endpoint, moto, and the twin in memory."""

import asyncio
import uuid

import pytest
from botocore.exceptions import ClientError

from tests.servers import moto_server, sqs_server
from wire import tracing
from wire.aws import Aws
from wire.memory import MemoryQueues
from wire.names import QueueNames
from wire.queues import MessageRefused, QueueMissing, QueueNameBusy, QueueOptions
from wire.settings import Settings
from wire.sqs import SqsQueues
from wire.topology import open_shared

OPTIONS = QueueOptions(visibility=2)
TRACED = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


@pytest.fixture(scope="module")
def endpoints(tmp_path_factory):
    with sqs_server(tmp_path_factory.mktemp("sqs")) as local, moto_server() as moto:
        yield {"local": local, "moto": moto}


@pytest.fixture(params=["memory", "local", "moto"])
async def queues(request, endpoints, monkeypatch):
    if request.param == "memory":
        yield MemoryQueues()
        return
    monkeypatch.setenv("AWS_ENDPOINT_URL_SQS", endpoints[request.param])
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    aws = Aws("us-east-1")
    queues = SqsQueues(aws)
    yield queues
    await queues.close()
    await aws.close()


@pytest.fixture
def name():
    return f"contract-{uuid.uuid4().hex[:12]}"


async def take_all(queue, count, wait=2.0):
    taken = []
    while len(taken) < count:
        got = await queue.receive(limit=10, wait=wait)
        if not got:
            break
        taken += got
    return taken


async def test_what_is_sent_is_received_whole(queues, name):
    queue = await queues.ensure(name, OPTIONS)
    bodies = [f"message {i} é 猫" for i in range(23)]
    await queue.send_many(bodies)
    taken = await take_all(queue, 23)
    assert sorted(message.body for message in taken) == sorted(bodies)
    assert all(message.receive_count == 1 for message in taken)
    assert all(0 <= message.age < 60 for message in taken)


async def test_singles_sent_together_all_arrive(queues, name):
    queue = await queues.ensure(name, OPTIONS)
    await asyncio.gather(*(queue.send(str(i)) for i in range(25)))
    taken = await take_all(queue, 25)
    assert sorted(int(message.body) for message in taken) == list(range(25))


async def test_messages_of_several_groups_and_of_none_travel_together(queues, name):
    queue = await queues.ensure(name, OPTIONS)
    longest = "".join(chr(code) for code in range(33, 127)) + "x" * 34
    groups: list[str | None] = [None, "a", "b", longest]
    await asyncio.gather(*(queue.send(str(i), groups[i % 4]) for i in range(20)))
    await queue.send_many(["20", "21"], "a")
    taken = await take_all(queue, 22)
    assert {int(message.body): message.group for message in taken} == {
        **{i: groups[i % 4] for i in range(20)},
        20: "a",
        21: "a",
    }


@pytest.mark.parametrize("group", ["", "x" * 129, "with space", "é"])
async def test_what_is_no_group_is_refused(queues, name, group, request):
    if "moto" in request.node.name:
        pytest.skip("moto takes any MessageGroupId")
    queue = await queues.ensure(name, OPTIONS)
    with pytest.raises(MessageRefused):
        await queue.send("x", group)


async def test_a_waiting_receiver_gets_what_comes(queues, name):
    queue = await queues.ensure(name, OPTIONS)
    waiting = asyncio.create_task(queue.receive(wait=10))
    await asyncio.sleep(0.2)
    await queue.send("late")
    async with asyncio.timeout(5):
        (message,) = await waiting
    assert message.body == "late"


async def test_an_empty_queue_gives_nothing(queues, name):
    queue = await queues.ensure(name, OPTIONS)
    assert await queue.receive(wait=0) == []


async def test_a_message_in_flight_is_hidden_then_comes_again(queues, name):
    queue = await queues.ensure(name, OPTIONS)
    await queue.send("once more")
    (first,) = await queue.receive(wait=2)
    assert await queue.receive(wait=0) == []
    (second,) = await take_all(queue, 1, wait=5)
    assert second.body == "once more"
    assert second.receive_count == 2
    assert second.receipt != first.receipt
    assert second.sent_at == first.sent_at
    assert second.age >= first.age


async def test_a_deleted_message_stays_away(queues, name):
    queue = await queues.ensure(name, OPTIONS)
    await queue.send_many(["a", "b"])
    for message in await take_all(queue, 2):
        await queue.delete(message.receipt)
    await asyncio.sleep(2.2)
    assert await queue.receive(wait=0) == []
    depth = await queue.depth()
    assert (depth.visible, depth.in_flight) == (0, 0)


async def test_given_back_it_shows_at_once(queues, name):
    queue = await queues.ensure(name, QueueOptions(visibility=60))
    await queue.send("back")
    (message,) = await queue.receive(wait=2)
    await queue.extend(message.receipt, 0)
    (again,) = await queue.receive(wait=2)
    assert again.receive_count == 2


async def test_extended_it_stays_hidden(queues, name):
    queue = await queues.ensure(name, OPTIONS)
    await queue.send("held")
    (message,) = await queue.receive(wait=2)
    await queue.extend(message.receipt, 60)
    await asyncio.sleep(2.5)
    assert await queue.receive(wait=0) == []


async def test_whoever_opens_it_may_hide_messages_for_another_time(queues, name):
    await queues.ensure(f"{name}-own", QueueOptions(visibility=60))
    if isinstance(queues, SqsQueues):
        await queues.close()
        queues = SqsQueues(queues._aws)
    queue = await queues.open(f"{name}-own", visibility=1)
    await queue.send("soon again")
    await queue.receive(wait=2)
    assert [message.body for message in await queue.receive(wait=3)] == ["soon again"]


async def test_what_sqs_never_takes_is_refused_and_not_tried_again(queues, name, request):
    if "local" not in request.node.name:
        pytest.skip("the twin and moto take any text; AWS and the local endpoint do not")
    queue = await queues.ensure(name, OPTIONS)
    with pytest.raises((MessageRefused, ClientError)):
        await queue.send("\uffff")


async def test_a_stale_receipt_harms_nothing(queues, name, request):
    if "moto" in request.node.name:
        pytest.skip("moto deletes by a stale receipt; AWS may answer success but deletes nothing")
    queue = await queues.ensure(name, OPTIONS)
    await queue.send("kept")
    (first,) = await queue.receive(wait=2)
    (second,) = await take_all(queue, 1, wait=5)
    await queue.delete(first.receipt)
    await queue.extend(second.receipt, 0)
    (third,) = await queue.receive(wait=2)
    assert third.body == "kept"
    await queue.delete(third.receipt)
    await queue.delete(third.receipt)


async def test_redrive_moves_a_message_that_keeps_failing(queues, name):
    dead = await queues.ensure(f"{name}-dead", QueueOptions())
    options = QueueOptions(visibility=30, dead_letter=f"{name}-dead", max_receives=2)
    queue = await queues.ensure(name, options)
    await queue.send("poison", "client")
    for _ in range(2):
        (message,) = await queue.receive(wait=2)
        await queue.extend(message.receipt, 0)
    assert await queue.receive(wait=1) == []
    (moved,) = await dead.receive(wait=2)
    assert (moved.body, moved.group) == ("poison", "client")


async def test_depth_counts_waiting_and_in_flight(queues, name):
    queue = await queues.ensure(name, QueueOptions(visibility=60))
    await queue.send_many([str(i) for i in range(12)])
    await queue.receive(limit=5, wait=2)
    depth = await queue.depth()
    assert depth.in_flight >= 1
    assert depth.visible + depth.in_flight == 12


async def test_opening_what_is_not_there(queues, name):
    with pytest.raises(QueueMissing):
        await queues.open(name)


async def test_making_twice_gives_the_same_queue(queues, name):
    one = await queues.ensure(name, OPTIONS)
    two = await queues.ensure(name, OPTIONS)
    await one.send("x")
    assert [message.body for message in await two.receive(wait=2)] == ["x"]


async def test_a_removed_queue_is_missing_and_its_name_busy(queues, name, request):
    queue = await queues.ensure(name, OPTIONS)
    await queues.remove(name)
    await queues.remove(name)
    with pytest.raises(QueueMissing):
        await queue.send("nobody there")
    if "moto" in request.node.name:
        pytest.skip("moto gives a deleted name out again at once; AWS waits 60 s")
    with pytest.raises(QueueNameBusy):
        await queues.ensure(name, OPTIONS)


async def test_names_are_found_by_their_prefix(queues, name):
    for suffix in ("a", "b"):
        await queues.ensure(f"{name}-{suffix}", OPTIONS)
    await queues.ensure(f"other-{name}", OPTIONS)
    assert sorted(await queues.names(name)) == [f"{name}-a", f"{name}-b"]


async def test_the_shared_queues_open_for_whoever_comes_first_and_second(queues, name):
    names = QueueNames(name)
    first, second = await asyncio.gather(open_shared(queues, names), open_shared(queues, names))
    await first.requests.send("job")
    assert [message.body for message in await second.requests.receive(wait=2)] == ["job"]
    assert len(await queues.names(name)) == 5


async def test_the_trace_of_what_is_sent_travels_beside_it(queues, name, tmp_path):
    queue = await queues.ensure(name, OPTIONS)
    tracing.begin("api", Settings(traces=str(tmp_path / "spans")))
    try:
        await queue.send("untraced")
        sent = {}
        # The second and third go, and come, by the short cut past boto3.
        for body in ("first", "second", "third"):
            with tracing.continued("job", TRACED), tracing.span("submit"):
                sent[body] = tracing.carried()
                await queue.send(body, "a")
        taken = await take_all(queue, 2)
        taken += await take_all(queue, 2)
    finally:
        tracing.end()
    expected = {"untraced": None, **sent}
    assert {message.body: message.trace for message in taken} == expected
    assert {message.group for message in taken if message.trace} == {"a"}


async def test_who_records_nothing_takes_traced_messages_as_any_other(queues, name, tmp_path):
    queue = await queues.ensure(name, OPTIONS)
    tracing.begin("api", Settings(traces=str(tmp_path / "spans")))
    with tracing.continued("job", TRACED):
        await queue.send("body")
    tracing.end()
    (message,) = await take_all(queue, 1)
    assert message.body == "body"
