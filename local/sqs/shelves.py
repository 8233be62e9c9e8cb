"""The messages of every queue as `turns` looks at them: by group, in the order of one index."""

import sqlite3
from functools import partial

from local.sqs.turns import Candidate, Shelf, Turns


class Shelves:
    """For each queue, by its id, whose turn it is, and the look-ups that this is decided upon."""

    def __init__(self, sql: sqlite3.Connection) -> None:
        self._sql = sql
        self._turns: dict[int, Turns] = {}
        self._recall()

    def turns(self, queue: int) -> Turns:
        """Whose turn it is in this queue."""
        turns = self._turns.get(queue)
        if turns is None:
            turns = self._turns[queue] = Turns()
        return turns

    def shelf(self, queue: int, now: int) -> Shelf:
        """The queue's messages at a time in milliseconds."""
        return Shelf(partial(self._ready, queue, now), partial(self._due, queue))

    def forget(self, queue: int) -> None:
        """The queue has no message any more."""
        self._turns.pop(queue, None)

    def _ready(self, queue: int, now: int, group: str, limit: int) -> list[Candidate]:
        rows = self._sql.execute(
            "SELECT visible_ms, id, receives, group_id FROM messages"
            " WHERE queue = ? AND group_id = ? AND visible_ms <= ?"
            " ORDER BY visible_ms, id LIMIT ?",
            (queue, group, now, limit),
        )
        return [Candidate(*row) for row in rows]

    def _due(self, queue: int, group: str) -> int | None:
        row = self._sql.execute(
            "SELECT visible_ms FROM messages WHERE queue = ? AND group_id = ?"
            " ORDER BY visible_ms LIMIT 1",
            (queue, group),
        ).fetchone()
        return None if row is None else int(row[0])

    def _recall(self) -> None:
        """Read what an earlier process left: whose messages are due when, and what is in flight."""
        heads = self._sql.execute(
            "SELECT queue, group_id, min(visible_ms) FROM messages GROUP BY queue, group_id"
        )
        for queue, group, due_ms in heads:
            self.turns(queue).lanes.lower(group, due_ms)
        received = self._sql.execute(
            "SELECT queue, id, group_id, visible_ms FROM messages INDEXED BY messages_due"
            " WHERE receives > 0"
        )
        for queue, message, group, until_ms in received:
            self.turns(queue).flights.recall(message, group, until_ms)
