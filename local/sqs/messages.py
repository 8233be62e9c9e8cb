"""Messages of all queues: append, take, delete, hold. Each costs O(batch) at any depth.

Every time is milliseconds since the epoch and is given by the caller. A message can be received
when `visible_ms` has come; one that is not yet due is in flight if it was ever received, delayed
otherwise.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

from local.sqs.database import Database
from local.sqs.errors import InvalidParameterValueError, MessageNotInflightError
from local.sqs.handles import Handle
from local.sqs.queues import Queue

_MAX_HOLD_MS = 43_200_000


class Draft(NamedTuple):
    """A message to append; `attributes` and `system` are JSON objects or None."""

    message_id: str
    md5: str
    body: str
    attributes: str | None
    system: str | None
    delay_ms: int


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

    def append(self, queue: Queue, drafts: Sequence[Draft], now: int) -> None:
        """Add messages in order."""
        self._sql.executemany(
            "INSERT INTO messages"
            " (queue, visible_ms, sent_ms, message_id, md5, attributes, system, body)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            [(queue.id, now + d.delay_ms, now, d[0], d[1], d[3], d[4], d[2]) for d in drafts],
        )

    def take(
        self, queue: Queue, dead_letter: Queue | None, limit: int, visibility_ms: int, now: int
    ) -> Taken:
        """Receive up to `limit` messages, the longest visible first.

        Those that were received as often as the redrive policy allows move to `dead_letter`.
        """
        self.expire(queue, now)
        rows = self._visible(queue, limit, now)
        moved = False
        if dead_letter is not None and queue.redrive is not None:
            while worn := [row[0] for row in rows if row[1] >= queue.redrive.max_receives]:
                self._move(worn, queue, dead_letter, now)
                moved = True
                rows = self._visible(queue, limit, now)
        self._sql.executemany(
            "UPDATE messages SET visible_ms = ?, receives = receives + 1, last_received_ms = ?,"
            " first_received_ms = coalesce(first_received_ms, ?) WHERE id = ?",
            [(now + visibility_ms, now, now, row[0]) for row in rows],
        )
        return Taken([_received(row, queue, now) for row in rows], moved)

    def give_back(self, messages: Sequence[Message], now: int) -> None:
        """Undo a receive that never reached its client."""
        self._sql.executemany(
            "UPDATE messages SET visible_ms = ?, receives = receives - 1,"
            " first_received_ms = CASE receives WHEN 1 THEN NULL ELSE first_received_ms END"
            " WHERE id = ? AND queue = ? AND receives = ?",
            [(now, m.id, m.queue, m.receives) for m in messages],
        )

    def copy(self, messages: Sequence[Message], now: int) -> list[int]:
        """Add each message once more, visible now, with what it has been through; the copies' ids."""
        return [
            int(
                self._sql.execute(
                    "INSERT INTO messages (queue, visible_ms, sent_ms, receives, first_received_ms,"
                    " last_received_ms, message_id, md5, attributes, system, body)"
                    " SELECT queue, ?, sent_ms, receives, first_received_ms, last_received_ms,"
                    " message_id, md5, attributes, system, body FROM messages WHERE id = ?",
                    (now, message.id),
                ).lastrowid
                or 0
            )
            for message in messages
        ]

    def delete(self, handle: Handle) -> bool:
        """Delete if the handle is of the message's last receive; whether it did."""
        cursor = self._sql.execute(
            "DELETE FROM messages WHERE id = ? AND queue = ? AND receives = ?",
            (handle.message, handle.queue, handle.receive),
        )
        return cursor.rowcount > 0

    def hold(self, handle: Handle, visibility_ms: int, now: int) -> None:
        """Let the message come back `visibility_ms` from now.

        Raises MessageNotInflightError if the receive is over, InvalidParameterValueError if the
        message is gone or would be held more than 12 hours from its receive.
        """
        row = self._sql.execute(
            "SELECT visible_ms, receives, last_received_ms FROM messages"
            " WHERE id = ? AND queue = ?",
            (handle.message, handle.queue),
        ).fetchone()
        if row is None:
            raise InvalidParameterValueError(
                "Value for parameter ReceiptHandle is invalid. Reason: Message does not exist or"
                " is not available for visibility timeout change."
            )
        visible_ms, receives, last_received_ms = row
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

    def expire(self, queue: Queue, now: int) -> None:
        """Delete what is older than the queue keeps messages."""
        self._sql.execute(
            "DELETE FROM messages WHERE queue = ? AND sent_ms <= ?",
            (queue.id, now - queue.retention_ms),
        )

    def purge(self, queue: Queue) -> None:
        """Delete every message of the queue."""
        self._sql.execute("DELETE FROM messages WHERE queue = ?", (queue.id,))

    def next_due(self, queue: Queue) -> int | None:
        """When the first message can be received, which may be past; None if there is none."""
        row = self._sql.execute(
            "SELECT visible_ms FROM messages WHERE queue = ? ORDER BY visible_ms LIMIT 1",
            (queue.id,),
        ).fetchone()
        return None if row is None else int(row[0])

    def count(self, queue: Queue, now: int) -> Counts:
        """How many messages are in which state; O(depth) over one index."""
        row = self._sql.execute(
            "SELECT count(*) FILTER (WHERE visible_ms <= ?1),"
            " count(*) FILTER (WHERE visible_ms > ?1 AND receives > 0),"
            " count(*) FILTER (WHERE visible_ms > ?1 AND receives = 0)"
            " FROM messages WHERE queue = ?2",
            (now, queue.id),
        ).fetchone()
        return Counts(*row)

    def _visible(self, queue: Queue, limit: int, now: int) -> list[tuple[Any, ...]]:
        return self._sql.execute(
            "SELECT id, receives, sent_ms, first_received_ms, message_id, md5, attributes, system,"
            " body FROM messages WHERE queue = ? AND visible_ms <= ?"
            " ORDER BY visible_ms, id LIMIT ?",
            (queue.id, now, limit),
        ).fetchall()

    def _move(self, ids: Sequence[int], source: Queue, target: Queue, now: int) -> None:
        self._sql.executemany(
            "UPDATE messages SET queue = ?, visible_ms = ?, system = json_set("
            "coalesce(system, '{}'), '$.DeadLetterQueueSourceArn', ?) WHERE id = ?",
            [(target.id, now, source.name, id_) for id_ in ids],
        )


def _received(row: tuple[Any, ...], queue: Queue, now: int) -> Message:
    id_, receives, sent_ms, first_received_ms, *rest = row
    return Message(id_, queue.id, receives + 1, sent_ms, first_received_ms or now, *rest)
