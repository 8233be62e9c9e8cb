"""Messages of all queues: append, take, delete, hold. Each costs O(batch) at any depth.

Whose messages a receive brings is decided in `turns`; what is decided upon is only ever behind the
database in a harmless way, so that a transaction that is rolled back needs nothing undone.

Every time is milliseconds since the epoch and is given by the caller. A message can be received
when `visible_ms` has come; one that is not yet due is in flight if it was ever received, delayed
otherwise.
"""

from collections.abc import Sequence
from typing import NamedTuple

from local.sqs.census import Census
from local.sqs.database import Database
from local.sqs.errors import InvalidParameterValueError, MessageNotInflightError
from local.sqs.handles import Handle
from local.sqs.queues import Queue
from local.sqs.shelves import Shelves
from local.sqs.turns import Candidate, Turns

_MAX_HOLD_MS = 43_200_000


class Draft(NamedTuple):
    """A message to append; `attributes` and `system` are JSON objects or None, `group` is empty
    where there is none."""

    message_id: str
    md5: str
    body: str
    attributes: str | None
    system: str | None
    delay_ms: int
    group: str = ""


class Message(NamedTuple):
    """A message as one receive sees it."""

    id: int
    queue: int
    receives: int
    sent_ms: int
    first_received_ms: int
    message_id: str
    md5: str
    attributes: str | None
    system: str | None
    body: str
    group: str

    @property
    def handle(self) -> Handle:
        return Handle(self.queue, self.id, self.receives)


class Taken(NamedTuple):
    """What a receive brought, and whether it moved messages to the dead-letter queue."""

    messages: list[Message]
    moved: bool


class Counts(NamedTuple):
    """Messages that can be received, are in flight, are delayed."""

    visible: int
    in_flight: int
    delayed: int


class MessageTable:
    """SQL on the messages; the caller begins and ends the transactions."""

    def __init__(self, database: Database) -> None:
        self._sql = database.connection
        self._shelves = Shelves(database.connection)
        self._census = Census(database)

    def append(self, queue: Queue, drafts: Sequence[Draft], now: int) -> None:
        """Add messages in order."""
        self._sql.executemany(
            "INSERT INTO messages"
            " (queue, visible_ms, sent_ms, message_id, md5, attributes, system, body, group_id)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [
                (queue.id, now + d.delay_ms, now, d[0], d[1], d[3], d[4], d[2], d.group)
                for d in drafts
            ],
        )
        self._census.came(queue.id, len(drafts), now + max((d.delay_ms for d in drafts), default=0))
        lanes = self._shelves.turns(queue.id).lanes
        for draft in drafts:
            lanes.lower(draft.group, now + draft.delay_ms)
            lanes.sent(draft.group, now)

    def take(
        self, queue: Queue, dead_letter: Queue | None, limit: int, visibility_ms: int, now: int
    ) -> Taken:
        """Receive up to `limit` messages, the longest visible first but for noisy neighbors.

        Those that were received as often as the redrive policy allows move to `dead_letter`.
        Once in a transaction at most: what it learns must still be true after a rollback.
        """
        self.expire(queue, now)
        turns, shelf = self._shelves.turns(queue.id), self._shelves.shelf(queue.id, now)
        chosen = turns.choose(shelf, limit, now)
        moved: list[Candidate] = []
        if dead_letter is not None and queue.redrive is not None:
            while worn := [one for one in chosen if one.receives >= queue.redrive.max_receives]:
                self._move(worn, queue, dead_letter, now)
                moved += worn
                chosen = turns.choose(shelf, limit, now)
        for one in moved:
            turns.lanes.lower(one.group, one.visible_ms)
        return Taken(self._hand_out(turns, chosen, now, visibility_ms), bool(moved))

    def give_back(self, messages: Sequence[Message], now: int) -> None:
        """Undo a receive that never reached its client."""
        for message in messages:
            given = self._sql.execute(
                "UPDATE messages SET visible_ms = ?, receives = receives - 1,"
                " first_received_ms = CASE receives WHEN 1 THEN NULL ELSE first_received_ms END"
                " WHERE id = ? AND queue = ? AND receives = ?",
                (now, message.id, message.queue, message.receives),
            )
            if given.rowcount:
                turns = self._shelves.turns(message.queue)
                turns.lanes.lower(message.group, now)
                turns.flights.end(message.id, now)

    def copy(self, messages: Sequence[Message], now: int) -> list[int]:
        """Add each message once more, visible now, with what it has been through; the copies' ids."""
        copies = []
        for message in messages:
            self._shelves.turns(message.queue).lanes.lower(message.group, now)
            made = self._sql.execute(
                "INSERT INTO messages (queue, visible_ms, sent_ms, receives, first_received_ms,"
                " last_received_ms, message_id, md5, attributes, system, body, group_id)"
                " SELECT queue, ?, sent_ms, receives, first_received_ms, last_received_ms,"
                " message_id, md5, attributes, system, body, group_id"
                " FROM messages WHERE id = ?",
                (now, message.id),
            )
            self._census.came(message.queue, made.rowcount)
            copies.append(int(made.lastrowid or 0))
        return copies

    def delete(self, handles: Sequence[Handle], now: int) -> int:
        """Delete the messages whose last receive a handle is of; how many it did."""
        marks = ",".join("?" * len(handles))
        rows = self._sql.execute(
            f"SELECT queue, id, receives FROM messages WHERE id IN ({marks})",  # noqa: S608
            [handle.message for handle in handles],
        )
        current = {Handle(*row) for row in rows}
        gone = [(handle.message,) for handle in current.intersection(handles)]
        self._sql.executemany("DELETE FROM messages WHERE id = ?", gone)
        for handle in current.intersection(handles):
            self._shelves.turns(handle.queue).flights.end(handle.message, now)
            self._census.came(handle.queue, -1)
        return len(gone)

    def hold(self, handle: Handle, visibility_ms: int, now: int) -> None:
        """Let the message come back `visibility_ms` from now.

        Raises MessageNotInflightError if the receive is over, InvalidParameterValueError if the
        message is gone or would be held more than 12 hours from its receive.
        """
        row = self._sql.execute(
            "SELECT visible_ms, receives, last_received_ms, group_id FROM messages"
            " WHERE id = ? AND queue = ?",
            (handle.message, handle.queue),
        ).fetchone()
        if row is None:
            raise InvalidParameterValueError(
                "Value for parameter ReceiptHandle is invalid. Reason: Message does not exist or"
                " is not available for visibility timeout change."
            )
        visible_ms, receives, last_received_ms, group = row
        if receives != handle.receive or visible_ms <= now:
            raise MessageNotInflightError("The specified message isn't in flight.")
        if now + visibility_ms - last_received_ms > _MAX_HOLD_MS:
            raise InvalidParameterValueError(
                "Total VisibilityTimeout for the message is beyond the limit [43200 seconds]"
            )
        self._sql.execute(
            "UPDATE messages SET visible_ms = ? WHERE id = ?",
            (now + visibility_ms, handle.message),
        )
        turns = self._shelves.turns(handle.queue)
        turns.lanes.lower(group, now + visibility_ms)
        turns.flights.hold(handle.message, group, now, now + visibility_ms)
        self._census.flew(now + visibility_ms)

    def expire(self, queue: Queue, now: int) -> None:
        """Delete what is older than the queue keeps messages."""
        old = self._sql.execute(
            "DELETE FROM messages WHERE queue = ? AND sent_ms <= ? RETURNING id",
            (queue.id, now - queue.retention_ms),
        ).fetchall()
        for (message,) in old:
            self._shelves.turns(queue.id).flights.end(message, now)
        if old:
            self._census.came(queue.id, -len(old))

    def purge(self, queue: Queue) -> None:
        """Delete every message of the queue; once that is committed, `forget` it."""
        self._sql.execute("DELETE FROM messages WHERE queue = ?", (queue.id,))

    def any_due(self, queue: Queue, now: int) -> bool:
        """Whether there may be a message that can be received; where not, there is none."""
        head = self._shelves.turns(queue.id).lanes.first()
        return head is not None and head.due_ms <= now

    def next_due(self, queue: Queue) -> int | None:
        """When the first message can be received, which may be past; None if there is none."""
        return self._shelves.turns(queue.id).next_due(self._shelves.shelf(queue.id, 0))

    def forget(self, queue: Queue) -> None:
        """The queue has no message any more, or was deleted."""
        self._shelves.forget(queue.id)
        self._census.forget(queue.id)

    def count(self, queue: Queue, now: int) -> Counts:
        """How many messages are in which state; O(depth) only where some may be delayed."""
        total = self._census.total(queue.id, now)
        if total is not None:
            flights = self._shelves.turns(queue.id).flights
            flights.advance(now)
            return Counts(total - len(flights), len(flights), 0)
        row = self._sql.execute(
            "SELECT count(*) FILTER (WHERE visible_ms <= ?1),"
            " count(*) FILTER (WHERE visible_ms > ?1 AND receives > 0),"
            " count(*) FILTER (WHERE visible_ms > ?1 AND receives = 0)"
            " FROM messages WHERE queue = ?2",
            (now, queue.id),
        ).fetchone()
        return Counts(*row)

    def _hand_out(
        self, turns: Turns, chosen: Sequence[Candidate], now: int, visibility_ms: int
    ) -> list[Message]:
        if not chosen:
            return []
        until_ms = now + visibility_ms
        self._sql.executemany(
            "UPDATE messages SET visible_ms = ?, receives = receives + 1, last_received_ms = ?,"
            " first_received_ms = coalesce(first_received_ms, ?) WHERE id = ?",
            [(until_ms, now, now, one.id) for one in chosen],
        )
        for one in chosen:
            turns.flights.start(one.id, one.group, now, until_ms)
        self._census.flew(until_ms)
        marks = ",".join("?" * len(chosen))
        rows = self._sql.execute(
            "SELECT id, queue, receives, sent_ms, first_received_ms, message_id, md5, attributes,"  # noqa: S608
            f" system, body, group_id FROM messages WHERE id IN ({marks})",
            [one.id for one in chosen],
        )
        messages = {row[0]: Message(*row) for row in rows}
        return [messages[one.id] for one in chosen]

    def _move(self, worn: Sequence[Candidate], source: Queue, target: Queue, now: int) -> None:
        self._sql.executemany(
            "UPDATE messages SET queue = ?, visible_ms = ?, system = json_set("
            "coalesce(system, '{}'), '$.DeadLetterQueueSourceArn', ?) WHERE id = ?",
            [(target.id, now, source.name, one.id) for one in worn],
        )
        self._census.came(source.id, -len(worn))
        self._census.came(target.id, len(worn))
        for one in worn:
            self._shelves.turns(target.id).lanes.lower(one.group, now)
