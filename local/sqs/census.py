"""How many messages each queue holds, kept as they come and go, so that to ask costs the same at any depth.

Exact. What a transaction that was undone left wrong is read anew, and until the last message that may have
been in flight then is not any more, the answer is that it has to be read.
"""

from local.sqs.database import Database


class Census:
    """Totals by queue, and what else has to be known to tell them apart without looking at messages.

    Times are in milliseconds.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._totals: dict[int, int] = {}
        self._delayed_until: dict[int, int] = {}
        self._flying_until = 0  # the last end of any flight there ever was
        self._doubt_until = 0
        self._undone = database.undone
        self._read()

    def came(self, queue: int, count: int, due_ms: int = 0) -> None:
        """So many messages were added or, below 0, went; the last of those that were sent is due then."""
        self._totals[queue] = self._totals.get(queue, 0) + count
        if due_ms > self._delayed_until.get(queue, 0):
            self._delayed_until[queue] = due_ms

    def flew(self, until_ms: int) -> None:
        """A message will be in flight until then."""
        self._flying_until = max(self._flying_until, until_ms)

    def forget(self, queue: int) -> None:
        """The queue has no message any more."""
        self._totals.pop(queue, None)
        self._delayed_until.pop(queue, None)

    def total(self, queue: int, now: int) -> int | None:
        """The queue's messages, none of which is delayed; None where some may be, or flights are in doubt."""
        if self._undone != self._database.undone:
            self._undone = self._database.undone
            self._read()
            self._doubt_until = self._flying_until
        if now < self._doubt_until or now < self._delayed_until.get(queue, 0):
            return None
        return self._totals.get(queue, 0)

    def _read(self) -> None:
        sql = self._database.connection
        rows = sql.execute(
            "SELECT queue, count(*), max(iif(receives, 0, visible_ms)),"
            " max(iif(receives, visible_ms, 0))"
            " FROM messages INDEXED BY messages_due GROUP BY queue"
        ).fetchall()
        self._totals = {queue: count for queue, count, _, _ in rows}
        self._delayed_until = {queue: due_ms for queue, _, due_ms, _ in rows}
        self._flying_until = max([self._flying_until, *(until_ms for *_, until_ms in rows)])
