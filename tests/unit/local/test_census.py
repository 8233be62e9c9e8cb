"""Counts of messages: what is kept in memory agrees with what lies in the file, whatever happened."""

import contextlib
import json
import sqlite3
import uuid

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from local.sqs.database import Database
from local.sqs.errors import MessageNotInflightError
from local.sqs.messages import Counts, Draft, Message, MessageTable
from local.sqs.queues import Queue, QueueTable

START = 1_700_000_000_000
DEEP = 5_000
STEPS = st.lists(
    st.tuples(
        st.sampled_from(
            ["send", "take", "delete", "hold", "give back", "copy", "pass", "purge", "restart"]
        ),
        st.integers(0, 90_000),
        st.sampled_from([True, True, True, False]),
    ),
    min_size=5,
    max_size=60,
)


class Undone(Exception):
    """A transaction that fails once everything in it was done, as when the disk is full."""


class Life:
    """Two queues, the second for the first one's dead letters, at a time of its own."""

    def __init__(self, database: Database) -> None:
        self.now = START
        self.database = database
        queues = QueueTable(database, lambda: self.now, 0)
        mark = uuid.uuid4().hex
        self.dead = queues.create(f"dead-{mark}", {}, {})
        policy = {"deadLetterTargetArn": f"arn:aws:sqs:r:0:dead-{mark}", "maxReceiveCount": "2"}
        given = {"RedrivePolicy": json.dumps(policy), "MessageRetentionPeriod": "300"}
        self.queue = queues.create(f"jobs-{mark}", given, {})
        self.table = MessageTable(database)
        self.taken: list[Message] = []

    def step(self, what: str, number: int, lasts: bool) -> None:
        with contextlib.suppress(Undone, MessageNotInflightError), self.database.transaction():
            self._do(what, number)
            if not lasts:
                raise Undone
        if what == "purge" and lasts:
            self.table.forget(self.queue)

    def counted_in_the_file(self, queue: Queue) -> Counts:
        rows = self.database.connection.execute(
            "SELECT visible_ms <= ?, receives > 0 FROM messages WHERE queue = ?",
            (self.now, queue.id),
        ).fetchall()
        visible = sum(due for due, _ in rows)
        flying = sum(not due and bool(received) for due, received in rows)
        return Counts(visible, flying, len(rows) - visible - flying)

    def _do(self, what: str, number: int) -> None:
        one = self.taken[number % len(self.taken)] if self.taken else None
        if what == "send":
            later = 0 if number % 3 else number % 900
            count = number % 12
            drafts = [Draft(str(n), "md5", "body", None, None, later) for n in range(count)]
            self.table.append(self.queue, drafts, self.now)
        elif what == "take":
            self.taken += self.table.take(self.queue, self.dead, 10, number, self.now).messages
        elif what == "pass":
            self.now += number
            self.table.expire(self.queue, self.now)
        elif what == "purge":
            self.table.purge(self.queue)
        elif what == "restart":
            self.table = MessageTable(self.database)
        elif one is not None:
            self._touch(what, one, number)

    def _touch(self, what: str, one: Message, number: int) -> None:
        if what == "delete":
            self.table.delete([one.handle], self.now)
        elif what == "give back":
            self.table.give_back([one], self.now)
        elif what == "copy":
            self.table.copy([one], self.now)
        elif what == "hold" and self._is_there(one):
            self.table.hold(one.handle, number, self.now)

    def _is_there(self, one: Message) -> bool:
        found = "SELECT 1 FROM messages WHERE id = ? AND queue = ?"
        return bool(self.database.connection.execute(found, (one.id, one.queue)).fetchone())


@settings(
    max_examples=50,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(steps=STEPS)
def test_what_is_counted_is_what_is_there(
    steps: list[tuple[str, int, bool]], database: Database
) -> None:
    life = Life(database)
    for what, number, lasts in steps:
        life.step(what, number, lasts)
        for queue in (life.queue, life.dead):
            assert life.table.count(queue, life.now) == life.counted_in_the_file(queue), what


def test_to_count_a_deep_queue_nothing_is_read(database: Database) -> None:
    life = Life(database)
    drafts = [Draft(str(n), "md5", "body", None, None, 0) for n in range(DEEP)]
    life.table.append(life.queue, drafts, life.now)
    life.table.take(life.queue, life.dead, 7, 30_000, life.now)
    statements: list[str] = []
    database.connection.set_trace_callback(statements.append)
    assert life.table.count(life.queue, life.now) == Counts(DEEP - 7, 7, 0)
    database.connection.set_trace_callback(None)
    assert statements == []


@pytest.mark.parametrize("undone", ["delete", "give back", "hold"])
def test_what_an_undone_transaction_ended_is_in_flight_for_as_long_as_it_is_held(
    database: Database, undone: str
) -> None:
    life = Life(database)
    life.table.append(life.queue, [Draft("1", "m", "b", None, None, 0)], life.now)
    [one] = life.table.take(life.queue, life.dead, 1, 30_000, life.now).messages
    life.taken = [one]
    life.step(undone, 0, lasts=False)
    for _ in range(4):
        life.now += 15_000
        life.table.hold(one.handle, 30_000, life.now)
        assert life.table.count(life.queue, life.now) == Counts(0, 1, 0)
    life.now += 30_000
    assert life.table.count(life.queue, life.now) == Counts(1, 0, 0)


def test_a_transaction_that_changed_nothing_leaves_no_doubt(database: Database) -> None:
    with pytest.raises(Undone), database.transaction():
        raise Undone
    assert database.undone == 0
    with pytest.raises(Undone), database.transaction() as sql:
        _note_and_fail(sql)
    assert database.undone == 1


def _note_and_fail(sql: sqlite3.Connection) -> None:
    sql.execute("INSERT INTO deleted_queues (name, at_ms) VALUES ('gone', 0)")
    raise Undone
