"""Where chores are left for whichever replica takes them."""

from api.connection import Connection
from wire.errors import QueueUnavailable
from wire.messages import Answer, Chore, Part
from wire.queues import QueueMissing

PATIENCE = 5.0  # seconds that queues may take to open
WEBHOOK = "webhook"


class Told(Part):
    """Payload of a `webhook` chore: what became of this job is to be told to whoever asked for it."""

    job: str


class Desk:
    """Puts chores into their queue."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def put(self, chore: Chore) -> None:
        """Return once the chore is safe.

        Raises:
            QueueUnavailable, ShuttingDown
        """
        lines = await self._connection.lines(PATIENCE)
        try:
            await lines.durable.chores.send(chore.encode())
        except QueueMissing as error:
            raise QueueUnavailable from error


def hook(answer: Answer) -> Chore:
    """The chore of telling what became of a job."""
    return Chore.of(WEBHOOK, Told(job=answer.uuid))
