"""The database file: what is committed, what is not, and files that are not ours."""

import asyncio
import os
import sqlite3
from contextlib import closing, suppress
from pathlib import Path

import pytest

from local.sqs import database as database_module
from local.sqs.broker import Broker, Want
from local.sqs.checkpoint import Checkpointer
from local.sqs.database import LOG_BYTES, Database, DatabaseUnusableError, connect
from local.sqs.flush import Flusher
from local.sqs.messages import Draft


def test_a_failed_transaction_leaves_nothing_and_does_not_block_the_next(
    database: Database,
) -> None:
    insert = "INSERT INTO deleted_queues (name, at_ms) VALUES (?, 0)"
    with pytest.raises(sqlite3.IntegrityError), database.transaction() as sql:
        sql.executemany(insert, [("a",), ("a",)])
    with database.transaction() as sql:
        sql.execute(insert, ("b",))
    assert database.connection.execute("SELECT name FROM deleted_queues").fetchall() == [("b",)]


def test_a_file_that_is_no_database_is_named(tmp_path: Path) -> None:
    (tmp_path / "sqs.sqlite3").write_bytes(b"not a database at all, but long enough" * 100)
    with pytest.raises(DatabaseUnusableError, match=r"sqs\.sqlite3"):
        Database(tmp_path)


async def test_what_is_committed_is_flushed_soon_and_nothing_is_where_nothing_is_written(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    flushed, sync, log = list[bool](), os.fdatasync, Path(f"{database.path}-wal")
    loop, done = asyncio.get_running_loop(), asyncio.Event()

    def counted(descriptor: int) -> None:
        sync(descriptor)
        flushed.append(os.path.samestat(os.fstat(descriptor), log.stat()))
        loop.call_soon_threadsafe(done.set)

    def written_within_a_tick(name: str) -> None:
        """Over the log's start and without time going on: its size and time stay as they were."""
        before = log.stat()
        database.connection.execute("PRAGMA wal_checkpoint(RESTART)")
        with database.transaction() as sql:
            sql.execute("INSERT INTO deleted_queues (name, at_ms) VALUES (?, 0)", (name,))
        os.utime(log, ns=(before.st_atime_ns, before.st_mtime_ns))
        assert log.stat().st_size == before.st_size

    monkeypatch.setattr(os, "fdatasync", counted)
    flushing = asyncio.create_task(Flusher(database, 0.01).run())
    for number in range(2):
        done.clear()
        written_within_a_tick(str(number))
        await asyncio.wait_for(done.wait(), 60)
    await asyncio.sleep(0.2)
    assert flushed == [True, True]
    flushing.cancel()
    with suppress(asyncio.CancelledError):
        await flushing


def test_a_file_of_a_later_version_is_left_alone(tmp_path: Path) -> None:
    Database(tmp_path).close()
    later = sqlite3.connect(tmp_path / "sqs.sqlite3")
    later.execute("PRAGMA user_version = 99")
    later.close()
    with pytest.raises(DatabaseUnusableError, match="version 99"):
        Database(tmp_path)


async def test_the_log_is_folded_while_writing_goes_on(database: Database) -> None:
    log = Path(f"{database.path}-wal")

    def log_bytes() -> int:
        return log.stat().st_size

    def write_16_mib() -> None:
        for _ in range(16):
            with database.transaction() as sql:
                sql.execute(
                    "INSERT INTO messages (queue, visible_ms, sent_ms, message_id, md5, body)"
                    " VALUES (1, 0, 0, '', '', ?)",
                    ("x" * 1_048_576,),
                )

    write_16_mib()
    grown = log_bytes()
    assert grown > 16 * 1_048_576
    folding = asyncio.create_task(Checkpointer(database).run())
    await asyncio.sleep(2.5)
    write_16_mib()
    folding.cancel()
    with suppress(asyncio.CancelledError):
        await folding
    # Written over from the start, not appended: the first 16 MiB are in the database file.
    assert log_bytes() < 1.5 * grown
    database.connection.execute("PRAGMA wal_checkpoint(PASSIVE)")
    with database.transaction() as sql:
        sql.execute("UPDATE messages SET visible_ms = 1")
    # Short again, it is not folded before it has grown.
    assert log_bytes() <= LOG_BYTES
    reader = connect(database.path)
    assert reader.execute("SELECT count(*) FROM messages").fetchone() == (32,)
    reader.close()


def test_a_full_disk_refuses_a_send_and_passes(database: Database) -> None:
    broker = Broker(database, lambda: 1_000)
    queue = broker.queues.create("jobs", {}, {})
    broker.send(queue, [Draft("first", "md5", "kept", None, None, 0)])
    (pages,) = database.connection.execute("PRAGMA page_count").fetchone()
    database.connection.execute(f"PRAGMA max_page_count = {pages + 10}")
    with pytest.raises(sqlite3.OperationalError, match="full"):
        broker.send(queue, [Draft("big", "md5", "x" * 1_000_000, None, None, 0)])
    database.connection.execute("PRAGMA max_page_count = 1000000")
    broker.send(queue, [Draft("second", "md5", "kept too", None, None, 0)])
    assert broker.count(queue).visible == 2


VERSION_1 = """
CREATE TABLE meta (name TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE queues (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL UNIQUE,
    attributes TEXT NOT NULL, tags TEXT NOT NULL, created_ms INTEGER NOT NULL,
    modified_ms INTEGER NOT NULL);
CREATE TABLE deleted_queues (name TEXT PRIMARY KEY, at_ms INTEGER NOT NULL);
CREATE TABLE messages (id INTEGER PRIMARY KEY AUTOINCREMENT, queue INTEGER NOT NULL,
    visible_ms INTEGER NOT NULL, sent_ms INTEGER NOT NULL, receives INTEGER NOT NULL DEFAULT 0,
    first_received_ms INTEGER, last_received_ms INTEGER, message_id TEXT NOT NULL,
    md5 TEXT NOT NULL, attributes TEXT, system TEXT, body TEXT NOT NULL);
CREATE INDEX messages_due ON messages (queue, visible_ms, id, receives);
CREATE INDEX messages_age ON messages (queue, sent_ms);
INSERT INTO queues VALUES (1, 'jobs', '{}', '{}', 0, 0);
INSERT INTO messages VALUES (1, 1, 10, 10, 0, NULL, NULL, 'one', 'md5', NULL, NULL, 'first');
INSERT INTO messages VALUES (2, 1, 11, 11, 1, 11, 11, 'two', 'md5', NULL,
    '{"MessageGroupId": "a"}', 'second');
PRAGMA user_version = 1;
"""


async def _nobody_leaves() -> None:
    await asyncio.Event().wait()


async def test_a_folder_of_the_version_before_groups_opens_with_all_in_it(tmp_path: Path) -> None:
    old = sqlite3.connect(tmp_path / "sqs.sqlite3")
    old.executescript(VERSION_1)
    old.close()
    with closing(Database(tmp_path)) as database:
        broker = Broker(database, lambda: 1_000)
        queue = broker.queues.get("jobs")
        taken = await broker.receive(queue, Want(10, 30_000, 0), _nobody_leaves)
        assert [(m.body, m.group, m.receives) for m in taken] == [
            ("first", "", 1),
            ("second", "a", 2),
        ]
    Database(tmp_path).close()


def test_a_kill_on_the_way_to_the_new_version_leaves_the_old_one(tmp_path: Path) -> None:
    old = sqlite3.connect(tmp_path / "sqs.sqlite3", isolation_level=None)
    old.executescript(VERSION_1)
    with suppress(sqlite3.OperationalError):
        script = database_module._script(database_module._FROM_1_TO_2)
        old.executescript(script.replace("COMMIT", "SELECT no_such_column"))
    old.close()  # as a kill does: what was not committed is gone
    with closing(Database(tmp_path)) as database:
        assert database.connection.execute("SELECT count(*) FROM messages").fetchone() == (2,)
        assert database.connection.execute("PRAGMA user_version").fetchone() == (2,)


def test_a_kill_in_a_new_folder_leaves_an_empty_file(tmp_path: Path) -> None:
    new = sqlite3.connect(tmp_path / "sqs.sqlite3", isolation_level=None)
    with suppress(sqlite3.OperationalError):
        new.executescript(database_module._script("").replace("COMMIT", "SELECT no_such_column"))
    new.close()
    again = sqlite3.connect(tmp_path / "sqs.sqlite3")
    assert again.execute("SELECT count(*) FROM sqlite_master").fetchone() == (0,)
    again.close()


@pytest.mark.parametrize("upto", ["CREATE INDEX messages_due", "INSERT INTO queues", "PRAGMA"])
def test_a_folder_whose_first_start_was_killed_is_not_taken_for_a_new_one(
    tmp_path: Path, upto: str
) -> None:
    old = sqlite3.connect(tmp_path / "sqs.sqlite3")
    old.executescript(VERSION_1[: VERSION_1.index(upto)])
    old.close()
    with closing(Database(tmp_path)) as database:
        columns = {row[1] for row in database.connection.execute("PRAGMA table_info(messages)")}
        assert "group_id" in columns
        assert database.connection.execute("PRAGMA user_version").fetchone() == (2,)
