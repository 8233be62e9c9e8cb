"""Folds the write-ahead log into the database away from the event loop, whose commits never fsync."""

import asyncio
import logging
import sqlite3
from pathlib import Path

from local.sqs.database import LOG_BYTES, Database, connect

log = logging.getLogger("local.sqs")

_EVERY_S = 1.0


class Checkpointer:
    """Once a second, if the log has grown, copies it in a thread on a connection of its own.

    The thread does nearly all of the work and the fsyncs; what was written meanwhile is finished on
    the event loop, after which the log starts over and so stays bounded under any load.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._log = Path(f"{database.path}-wal")

    async def run(self) -> None:
        """Until canceled."""
        while True:
            await asyncio.sleep(_EVERY_S)
            try:
                await self._fold_if_worthwhile()
            except (OSError, sqlite3.Error):
                log.exception("the write-ahead log could not be folded; trying again")

    async def _fold_if_worthwhile(self) -> None:
        if self._log.stat().st_size > LOG_BYTES:
            await asyncio.to_thread(_fold, self._database.path)
            self._database.connection.execute("PRAGMA wal_checkpoint(PASSIVE)")


def _fold(path: Path) -> None:
    connection = connect(path)
    try:
        connection.execute("PRAGMA wal_checkpoint(PASSIVE)")
    finally:
        connection.close()
