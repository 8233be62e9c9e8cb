"""The queues of one database, kept in memory and written through."""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from local.sqs import attributes as kinds
from local.sqs.database import Database
from local.sqs.errors import (
    InvalidParameterValueError,
    QueueDeletedRecentlyError,
    QueueDoesNotExistError,
    QueueNameExistsError,
    UnsupportedOperationError,
)

Clock = Callable[[], int]
"""Milliseconds since the epoch."""

_NAME = re.compile(r"[A-Za-z0-9_-]{1,80}")


@dataclass(slots=True)
class Queue:
    """One queue and what its attributes come to; times in milliseconds."""

    id: int
    name: str
    attributes: dict[str, str]
    tags: dict[str, str]
    created_ms: int
    modified_ms: int
    visibility_ms: int = field(init=False)
    delay_ms: int = field(init=False)
    wait_ms: int = field(init=False)
    retention_ms: int = field(init=False)
    max_bytes: int = field(init=False)
    redrive: kinds.Redrive | None = field(init=False)

    def __post_init__(self) -> None:
        self.read_attributes()

    def read_attributes(self) -> None:
        """Compute the fields that stand for attributes anew."""
        self.visibility_ms = 1000 * kinds.integer(self.attributes, "VisibilityTimeout")
        self.delay_ms = 1000 * kinds.integer(self.attributes, "DelaySeconds")
        self.wait_ms = 1000 * kinds.integer(self.attributes, "ReceiveMessageWaitTimeSeconds")
        self.retention_ms = 1000 * kinds.integer(self.attributes, "MessageRetentionPeriod")
        self.max_bytes = kinds.integer(self.attributes, "MaximumMessageSize")
        self.redrive = kinds.redrive_of(self.attributes)


class QueueTable:
    """Create, find, change and delete queues.

    `name_rest_s`: seconds that a deleted queue's name stays unusable (60 on AWS).
    """

    def __init__(self, database: Database, clock: Clock, name_rest_s: float) -> None:
        self._database = database
        self._clock = clock
        self._name_rest_ms = int(1000 * name_rest_s)
        rows = database.connection.execute(
            "SELECT id, name, attributes, tags, created_ms, modified_ms FROM queues"
        )
        self._by_name = {
            name: Queue(id_, name, json.loads(kept), json.loads(tags), created, modified)
            for id_, name, kept, tags, created, modified in rows
        }

    def get(self, name: str) -> Queue:
        """The queue of this name; QueueDoesNotExistError where there is none."""
        try:
            return self._by_name[name]
        except KeyError:
            raise QueueDoesNotExistError("The specified queue does not exist.") from None

    def find(self, name: str) -> Queue | None:
        """The queue of this name, if there is one."""
        return self._by_name.get(name)

    def names(self, prefix: str) -> list[str]:
        """Names that start with `prefix`, in order."""
        return sorted(name for name in self._by_name if name.startswith(prefix))

    def sources_of(self, target: Queue) -> list[str]:
        """Names of the queues whose redrive policy points at `target`, in order."""
        return sorted(
            queue.name
            for queue in self._by_name.values()
            if queue.redrive is not None and queue.redrive.target == target.name
        )

    def dead_letter_of(self, queue: Queue) -> Queue | None:
        """Where the queue's worn messages go; None without a policy, target, or in a circle."""
        seen = {queue.name}
        target = hop = self._target_of(queue)
        while hop is not None:
            if hop.name in seen:
                return None
            seen.add(hop.name)
            hop = self._target_of(hop)
        return target

    def create(self, name: str, given: Mapping[str, str], tags: Mapping[str, str]) -> Queue:
        """The queue of this name, made if need be.

        Raises QueueNameExistsError if it exists and one of the given attributes differs,
        QueueDeletedRecentlyError while a deleted name rests.
        """
        _check_name(name)
        wanted = kinds.validate(given)
        existing = self._by_name.get(name)
        if existing is not None:
            _check_same(existing, wanted)
            return existing
        now = self._clock()
        with self._database.transaction() as sql:
            self._check_rested(name, now)
            sql.execute("DELETE FROM deleted_queues WHERE name = ?", (name,))
            cursor = sql.execute(
                "INSERT INTO queues (name, attributes, tags, created_ms, modified_ms)"
                " VALUES (?, ?, ?, ?, ?)",
                (name, json.dumps(wanted), json.dumps(dict(tags)), now, now),
            )
        queue = Queue(int(cursor.lastrowid or 0), name, wanted, dict(tags), now, now)
        self._by_name[name] = queue
        return queue

    def change(self, queue: Queue, given: Mapping[str, str]) -> None:
        """Set attributes; an empty policy removes the policy."""
        merged = {**queue.attributes, **kinds.validate(given)}
        self._write(queue, {name: value for name, value in merged.items() if value}, queue.tags)

    def tag(self, queue: Queue, added: Mapping[str, str], removed: list[str]) -> None:
        """Add and remove tags."""
        tags = {name: value for name, value in queue.tags.items() if name not in removed}
        self._write(queue, queue.attributes, {**tags, **added})

    def delete(self, queue: Queue) -> None:
        """Remove the queue and all its messages; its name rests from now on."""
        with self._database.transaction() as sql:
            sql.execute("DELETE FROM messages WHERE queue = ?", (queue.id,))
            sql.execute("DELETE FROM queues WHERE id = ?", (queue.id,))
            sql.execute(
                "INSERT OR REPLACE INTO deleted_queues (name, at_ms) VALUES (?, ?)",
                (queue.name, self._clock()),
            )
        del self._by_name[queue.name]

    def _target_of(self, queue: Queue) -> Queue | None:
        return None if queue.redrive is None else self.find(queue.redrive.target)

    def _write(self, queue: Queue, kept: dict[str, str], tags: dict[str, str]) -> None:
        now = self._clock()
        with self._database.transaction() as sql:
            sql.execute(
                "UPDATE queues SET attributes = ?, tags = ?, modified_ms = ? WHERE id = ?",
                (json.dumps(kept), json.dumps(tags), now, queue.id),
            )
        queue.attributes, queue.tags, queue.modified_ms = kept, tags, now
        queue.read_attributes()

    def _check_rested(self, name: str, now: int) -> None:
        row = self._database.connection.execute(
            "SELECT at_ms FROM deleted_queues WHERE name = ?", (name,)
        ).fetchone()
        if row is not None and 0 <= now - row[0] < self._name_rest_ms:
            raise QueueDeletedRecentlyError(
                f"You must wait {self._name_rest_ms // 1000} seconds after deleting a queue"
                " before you can create another with the same name."
            )


def _check_name(name: str) -> None:
    if name.endswith(".fifo"):
        raise UnsupportedOperationError(
            f"{name}: FIFO queues are not served here; create a standard queue."
        )
    if not _NAME.fullmatch(name):
        raise InvalidParameterValueError(
            "Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length"
        )


def _check_same(queue: Queue, wanted: Mapping[str, str]) -> None:
    for name, value in wanted.items():
        default = str(kinds.BOUNDS[name].default) if name in kinds.BOUNDS else ""
        if queue.attributes.get(name, default) != value:
            raise QueueNameExistsError(
                f"A queue already exists with the same name and a different value for attribute"
                f" {name}"
            )
