"""Who was received twice: the local queue's own file, read beside the running server."""

import sqlite3
from pathlib import Path

AGAIN = (
    "SELECT message_id, receives FROM messages JOIN queues ON queues.id = messages.queue"
    " WHERE queues.name LIKE '%-requests' AND receives > 1"
)
HELD = (
    "SELECT count(*) FROM messages JOIN queues ON queues.id = messages.queue"
    " WHERE queues.name LIKE '%-requests' AND receives {}"
)


class Witness:
    """Looks at the requests queue many times a second.

    A message that is received again stays in the file until it is answered and recorded. With an
    origin that takes longer than a look, none is missed.
    """

    def __init__(self, queue_file: Path) -> None:
        self._file = queue_file
        self._again: dict[str, int] = {}

    @property
    def redelivered(self) -> int:
        """Receives beyond each message's first, so far."""
        return sum(receives - 1 for receives in self._again.values())

    def look(self) -> None:
        """Take one look."""
        for message, receives in self._ask(AGAIN):
            self._again[message] = max(receives, self._again.get(message, 0))

    def waiting(self) -> int:
        """Messages that nobody has received yet."""
        return int(self._ask(HELD.format("= 0"))[0][0])

    def left(self) -> int:
        """Messages in the queue, received or not."""
        return int(self._ask(HELD.format(">= 0"))[0][0])

    def _ask(self, question: str) -> list[tuple[str, int]]:
        connection = sqlite3.connect(f"file:{self._file}?mode=ro", uri=True)
        try:
            return connection.execute(question).fetchall()
        finally:
            connection.close()
