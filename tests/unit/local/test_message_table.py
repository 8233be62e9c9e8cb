"""The message table: what is received when, how often, and what becomes of it."""

import json
import uuid
from collections.abc import Sequence

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from local.sqs.database import Database
from local.sqs.errors import InvalidParameterValueError, MessageNotInflightError
from local.sqs.handles import Handle
from local.sqs.messages import Counts, Draft, Message, MessageTable
from local.sqs.queues import QueueTable


def draft(body: str, delay_ms: int = 0) -> Draft:
    return Draft(f"id-{body}", "md5", body, None, None, delay_ms)


class Bench:
    """A table with one queue and one dead-letter queue, at a time that the test sets."""

    def __init__(self, database: Database) -> None:
        self.now = 1_700_000_000_000
        self.database = database
        queues = QueueTable(database, lambda: self.now, 60)
        self.dead = queues.create("dead", {}, {})
        policy = {"deadLetterTargetArn": "arn:aws:sqs:r:0:dead", "maxReceiveCount": "2"}
        self.queue = queues.create("jobs", {"RedrivePolicy": json.dumps(policy)}, {})
        self.table = MessageTable(database)

    def send(self, *bodies: str, delay_ms: int = 0) -> None:
        self.table.append(self.queue, [draft(body, delay_ms) for body in bodies], self.now)

    def take(self, limit: int = 10, visibility_ms: int = 30_000) -> list[Message]:
        return self.table.take(self.queue, self.dead, limit, visibility_ms, self.now).messages

    def dead_bodies(self) -> list[str]:
        return bodies(self.table.take(self.dead, None, 10, 0, self.now).messages)


def bodies(messages: Sequence[Message]) -> list[str]:
    return [message.body for message in messages]


@pytest.fixture
def bench(database: Database) -> Bench:
    return Bench(database)


def test_messages_come_in_the_order_they_were_sent(bench: Bench) -> None:
    bench.send("a", "b", "c")
    assert bodies(bench.take(limit=2)) == ["a", "b"]
    assert bodies(bench.take()) == ["c"]


def test_a_received_message_comes_back_when_its_visibility_ends(bench: Bench) -> None:
    bench.send("a")
    first = bench.take(visibility_ms=5_000)[0]
    bench.now += 4_999
    assert bench.take() == []
    bench.now += 1
    second = bench.take()[0]
    assert (first.receives, second.receives) == (1, 2)
    assert second.first_received_ms == first.first_received_ms == bench.now - 5_000
    assert second.sent_ms == first.sent_ms


def test_a_delayed_message_is_counted_and_comes_when_due(bench: Bench) -> None:
    bench.send("now")
    bench.send("later", delay_ms=2_000)
    assert bodies(bench.take()) == ["now"]
    assert bench.table.count(bench.queue, bench.now) == Counts(0, 1, 1)
    assert bench.table.next_due(bench.queue) == bench.now + 2_000
    bench.now += 2_000
    assert bodies(bench.take()) == ["later"]


def test_only_the_last_handle_deletes(bench: Bench) -> None:
    bench.send("a")
    stale = bench.take(visibility_ms=0)[0].handle
    fresh = bench.take()[0].handle
    assert not bench.table.delete([stale], bench.now)
    assert bench.table.count(bench.queue, bench.now).in_flight == 1
    assert bench.table.delete([fresh], bench.now)
    assert not bench.table.delete([fresh], bench.now)
    assert bench.table.count(bench.queue, bench.now) == Counts(0, 0, 0)


def test_the_last_handle_deletes_even_after_its_visibility_ended(bench: Bench) -> None:
    bench.send("a")
    handle = bench.take(visibility_ms=1_000)[0].handle
    bench.now += 2_000
    assert bench.table.delete([handle], bench.now)


def test_holding_extends_and_ends_a_receive(bench: Bench) -> None:
    bench.send("a")
    handle = bench.take(visibility_ms=1_000)[0].handle
    bench.table.hold(handle, 10_000, bench.now)
    bench.now += 9_999
    assert bench.take() == []
    bench.table.hold(handle, 0, bench.now)
    assert bodies(bench.take()) == ["a"]


def test_a_receive_that_is_over_cannot_be_held(bench: Bench) -> None:
    bench.send("a")
    stale = bench.take(visibility_ms=1_000)[0].handle
    bench.now += 1_000
    with pytest.raises(MessageNotInflightError):
        bench.table.hold(stale, 10_000, bench.now)
    bench.take()
    with pytest.raises(MessageNotInflightError):
        bench.table.hold(stale, 10_000, bench.now)


def test_a_deleted_message_cannot_be_held(bench: Bench) -> None:
    with pytest.raises(InvalidParameterValueError, match="does not exist"):
        bench.table.hold(Handle(bench.queue.id, 99, 1), 10_000, bench.now)


def test_nothing_is_held_longer_than_twelve_hours(bench: Bench) -> None:
    bench.send("a")
    handle = bench.take(visibility_ms=43_200_000)[0].handle
    bench.now += 1
    with pytest.raises(InvalidParameterValueError, match="43200"):
        bench.table.hold(handle, 43_200_000, bench.now)


def test_a_message_received_too_often_moves_to_the_dead_letters(bench: Bench) -> None:
    bench.send("bad")
    bench.take(visibility_ms=0)
    bench.take(visibility_ms=0)
    bench.send("good")
    assert bodies(bench.take()) == ["good"]
    dead = bench.table.take(bench.dead, None, 10, 0, bench.now).messages[0]
    assert dead.body == "bad"
    assert dead.receives == 3
    assert json.loads(dead.system or "{}") == {"DeadLetterQueueSourceArn": "jobs"}


def test_worn_messages_do_not_shorten_a_batch(bench: Bench) -> None:
    bench.send(*"abcde")
    bench.take(visibility_ms=0)
    bench.take(visibility_ms=0)
    bench.send(*"vwxyz")
    assert bodies(bench.take(limit=5)) == list("vwxyz")
    assert bench.dead_bodies() == list("abcde")


def test_old_messages_expire_in_flight_or_not(bench: Bench) -> None:
    bench.send("a", "b")
    bench.take(limit=1, visibility_ms=600_000)
    bench.now += bench.queue.retention_ms
    assert bench.take() == []
    bench.table.expire(bench.queue, bench.now)
    assert bench.table.count(bench.queue, bench.now) == Counts(0, 0, 0)


def test_what_is_given_back_was_never_received(bench: Bench) -> None:
    bench.send("a", "b")
    bench.table.give_back(bench.take(), bench.now)
    bench.now += 100
    again = bench.take()
    assert bodies(again) == ["a", "b"]
    assert [message.receives for message in again] == [1, 1]
    assert [message.first_received_ms for message in again] == [bench.now] * 2


def test_a_late_give_back_changes_nothing(bench: Bench) -> None:
    bench.send("a")
    lost = bench.take(visibility_ms=0)
    current = bench.take()
    bench.table.give_back(lost, bench.now)
    assert bench.take() == []
    assert bench.table.delete([current[0].handle], bench.now)


def test_no_statement_scans_or_sorts_a_deep_queue(bench: Bench) -> None:
    statements: list[str] = []
    bench.database.connection.set_trace_callback(statements.append)
    bench.send("a")
    message = bench.take()[0]
    bench.table.next_due(bench.queue)
    bench.table.hold(message.handle, 1_000, bench.now)
    bench.table.delete([message.handle], bench.now)
    bench.database.connection.set_trace_callback(None)
    assert len(statements) >= 6
    for statement in statements:
        rows = bench.database.connection.execute(f"EXPLAIN QUERY PLAN {statement}")
        plan = " ".join(str(row[3]) for row in rows)
        assert "SCAN" not in plan, statement
        assert "TEMP B-TREE" not in plan, statement


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("send"), st.integers(0, 50)),
        st.tuples(st.just("take"), st.integers(0, 50)),
        st.tuples(st.just("pass"), st.integers(1, 60)),
        st.tuples(st.just("delete"), st.integers(0, 20)),
    ),
    max_size=60,
)


@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(steps=STEPS)
def test_any_history_loses_and_doubles_nothing(
    steps: list[tuple[str, int]], database: Database
) -> None:
    queues = QueueTable(database, lambda: 0, 0)
    queue = queues.create(f"any-{uuid.uuid4()}", {}, {})
    table, now = MessageTable(database), 1_000
    flying: dict[int, Message] = {}
    due: dict[int, int] = {}
    for serial, (step, number) in enumerate(steps):
        if step == "send":
            table.append(queue, [draft(str(serial), number)], now)
            due[serial] = now + number
        elif step == "take":
            ready = {body for body, at in due.items() if at <= now}
            messages = table.take(queue, None, 10, number, now).messages
            assert {int(m.body) for m in messages} <= ready
            assert len(messages) == min(10, len(ready))
            for message in messages:
                due[int(message.body)] = now + number
                flying[int(message.body)] = message
        elif step == "pass":
            now += number
        elif flying:
            body = sorted(flying)[number % len(flying)]
            assert table.delete([flying.pop(body).handle], now)
            del due[body]
    assert sum(table.count(queue, now)) == len(due)
