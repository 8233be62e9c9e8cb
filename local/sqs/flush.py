"""Has the write-ahead log on the disk every so many seconds: a loss of power costs no more than those."""

import asyncio
import logging
import os
from pathlib import Path

from local.sqs.database import Database

log = logging.getLogger("local.sqs")


class Flusher:
    """Sees in a thread to it that what was written is on the disk.

    SQLite reads a log up to its last whole commit.

    Args:
        database: whose log it is.
        every_s: seconds between looks; nothing is done where nothing was written.
    """

    def __init__(self, database: Database, every_s: float) -> None:
        self._sql = database.connection
        self._log = Path(f"{database.path}-wal")
        self._every_s = every_s
        self._flushed = -1  # tables are made before anything is counted

    async def run(self) -> None:
        """Until canceled."""
        while True:
            await asyncio.sleep(self._every_s)
            try:
                await self._flush_if_written()
            except OSError:
                log.exception("the write-ahead log could not be flushed; trying again")

    async def _flush_if_written(self) -> None:
        # Rows, and not the file's time and size, which two commits within a tick leave alike. Read
        # between transactions, which never wait, and before the flush: what comes then is the next one's.
        changed = self._sql.total_changes
        if changed != self._flushed:
            await asyncio.to_thread(_flush, self._log)
            self._flushed = changed


def _flush(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fdatasync(descriptor)
    finally:
        os.close(descriptor)
