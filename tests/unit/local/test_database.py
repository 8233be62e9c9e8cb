"""The database file: what is committed, what is not, and files that are not ours."""

import asyncio
import sqlite3
from contextlib import suppress
from pathlib import Path

import pytest

from local.sqs.broker import Broker
from local.sqs.checkpoint import Checkpointer
from local.sqs.database import Database, DatabaseUnusableError, connect
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
