"""One SQLite file: schema, pragmas, transactions, and the lock that keeps a second server out."""

import fcntl
import os
import sqlite3
from pathlib import Path

_SCHEMA = """
CREATE TABLE IF NOT EXISTS meta (name TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS queues (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL UNIQUE,
    attributes TEXT NOT NULL,
    tags TEXT NOT NULL,
    created_ms INTEGER NOT NULL,
    modified_ms INTEGER NOT NULL
);
CREATE TABLE IF NOT EXISTS deleted_queues (name TEXT PRIMARY KEY, at_ms INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS messages (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    queue INTEGER NOT NULL,
    visible_ms INTEGER NOT NULL,
    sent_ms INTEGER NOT NULL,
    receives INTEGER NOT NULL DEFAULT 0,
    first_received_ms INTEGER,
    last_received_ms INTEGER,
    message_id TEXT NOT NULL,
    md5 TEXT NOT NULL,
    attributes TEXT,
    system TEXT,
    body TEXT NOT NULL,
    group_id TEXT NOT NULL DEFAULT ''
);
CREATE INDEX IF NOT EXISTS messages_due
    ON messages (queue, group_id, visible_ms, id, receives);
CREATE INDEX IF NOT EXISTS messages_age ON messages (queue, sent_ms);
"""


# Version 1 knew no groups.
_FROM_1_TO_2 = """
ALTER TABLE messages ADD COLUMN group_id TEXT NOT NULL DEFAULT '';
UPDATE messages SET group_id = json_extract(system, '$.MessageGroupId')
    WHERE json_extract(system, '$.MessageGroupId') IS NOT NULL;
DROP INDEX IF EXISTS messages_due;
"""

_VERSION = 2
LOG_BYTES = 4 * 1_048_576  # of the log when it starts over, and beyond which it is worth folding


class FolderInUseError(Exception):
    """Another server holds this data folder."""


class DatabaseUnusableError(Exception):
    """The file is no database, is damaged, or was made by a later version."""


class Transaction:
    """A block in which everything happens or nothing."""

    __slots__ = ("_before", "_database", "_sql")

    def __init__(self, database: "Database") -> None:
        self._database = database
        self._sql = database.connection

    def __enter__(self) -> sqlite3.Connection:
        self._sql.execute("BEGIN IMMEDIATE")
        self._before = self._sql.total_changes
        return self._sql

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        done = False
        try:
            if kind is None:
                self._sql.execute("COMMIT")
                done = True
        finally:
            if not done and self._sql.total_changes != self._before:
                self._database.undone += 1
            # A full disk may have ended the transaction already.
            if self._sql.in_transaction:
                self._sql.execute("ROLLBACK")


class Database:
    """The only writer of `folder`/sqs.sqlite3.

    WAL with synchronous=NORMAL: a commit is a write to the log, not an fsync, so a killed process
    loses nothing that was committed; a power loss may lose the last commits, never corrupts.

    Raises FolderInUseError if another server has the folder open, DatabaseUnusableError if the
    file is not one of ours.
    """

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.path = folder / "sqs.sqlite3"
        self.undone = 0  # transactions of which something had been done when they failed
        self._lock = _lock(folder)
        try:
            self.connection = connect(self.path)
            self._prepare()
        except sqlite3.DatabaseError as problem:
            os.close(self._lock)
            raise DatabaseUnusableError(
                f"{self.path} cannot be used: {problem}. Move it away, or choose another --data."
            ) from problem
        self.nonce = self._nonce()

    def transaction(self) -> "Transaction":
        """All or nothing; committed when the block ends."""
        return Transaction(self)

    def close(self) -> None:
        """Fold the log into the file and let the folder go."""
        self.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        self.connection.close()
        os.close(self._lock)

    def _prepare(self) -> None:
        (version,) = self.connection.execute("PRAGMA user_version").fetchone()
        if version > _VERSION:
            raise sqlite3.DatabaseError(f"it is of version {version}, this is {_VERSION}")
        # Checkpoints fsync; `Checkpointer` runs them away from the event loop.
        self.connection.execute("PRAGMA wal_autocheckpoint = 0")
        # Else a log that has been long once looks so for ever, and is folded every second.
        self.connection.execute(f"PRAGMA journal_size_limit = {LOG_BYTES}")
        # By its columns: version 1 was killed between its tables and their number at times.
        columns = {row[1] for row in self.connection.execute("PRAGMA table_info(messages)")}
        old = bool(columns) and "group_id" not in columns
        self.connection.executescript(_script(_FROM_1_TO_2 if old else ""))

    def _nonce(self) -> bytes:
        self.connection.execute(
            "INSERT OR IGNORE INTO meta (name, value) VALUES ('nonce', ?)", (os.urandom(8),)
        )
        row = self.connection.execute("SELECT value FROM meta WHERE name = 'nonce'").fetchone()
        return bytes(row[0])


def _script(migration: str) -> str:
    """Everything or, after a kill, nothing: the tables and the number that tells what they are."""
    number = f"PRAGMA user_version = {_VERSION};"
    return f"BEGIN IMMEDIATE;\n{migration}{_SCHEMA}{number}\nCOMMIT;"


def connect(path: Path) -> sqlite3.Connection:
    """A connection in autocommit mode: transactions are begun by `Database.transaction` alone."""
    connection = sqlite3.connect(
        path, isolation_level=None, cached_statements=256, check_same_thread=False
    )
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = NORMAL")
    return connection


def _lock(folder: Path) -> int:
    descriptor = os.open(folder / "sqs.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(descriptor)
        raise FolderInUseError(
            f"{folder} is in use by another local SQS server; stop it or choose another --data."
        ) from None
    return descriptor
