"""Dead letters for the page: listed, sent again, removed. One at a time: a look hides what it looks at."""

import asyncio
import json
from typing import Any

from wire.dead_letters import LOOK, DeadLetters, Letter
from wire.dead_round import through
from wire.names import QueueNames
from wire.queues import QueueMissing, Queues
from wire.store import Store

FAR = 10 * LOOK  # messages among which one is looked for: what is shown is among the first
SHOWN = 2000  # characters of a body that is no job


class Redriven:
    """Sends jobs again. `left` are those that no worker can read."""

    def __init__(self) -> None:
        self.sent: list[str] = []
        self.left: list[str] = []

    @property
    def met(self) -> bool:
        """Whether there was any."""
        return bool(self.sent or self.left)

    async def do(self, dead: DeadLetters, letter: Letter) -> None:
        if letter.job is None:
            self.left.append(letter.id)
            return
        await dead.redrive(letter)
        self.sent.append(letter.id)


class Removed:
    """Removes messages for good."""

    def __init__(self) -> None:
        self.gone: list[str] = []

    @property
    def met(self) -> bool:
        """Whether there was any."""
        return bool(self.gone)

    async def do(self, dead: DeadLetters, letter: Letter) -> None:
        await dead.purge(letter)
        self.gone.append(letter.id)


class Letters:
    """The dead-letter queue of a deployment."""

    def __init__(self, queues: Queues, deployment: str, store: Store) -> None:
        self._queues = queues
        self._names = QueueNames(deployment)
        self._store = store
        self._turn = asyncio.Lock()

    async def waiting(self) -> int:
        """About how many there are.

        Raises:
            QueueUnavailable: the queues cannot be reached.
        """
        try:
            return await (await self._open()).waiting()
        except QueueMissing:
            return 0

    async def listed(self) -> dict[str, Any]:
        """The first of them, oldest first, and how many more there are, about."""
        async with self._turn:
            dead = await self._open()
            waiting = await dead.waiting()
            async with dead.held():
                letters = await dead.look(LOOK)
                rows = [await _row(dead, each) for each in letters]
        return {"letters": rows, "more": max(0, waiting - len(rows))}

    async def redrive(self, name: str | None) -> dict[str, Any]:
        """Send the job of one message again, with copies beside it; of the first ones where none is named."""
        work = Redriven()
        waiting = await self._do(work, name)
        sent = list(dict.fromkeys(work.sent))
        return {"sent": sent, "left": work.left, "more": waiting}

    async def remove(self, name: str) -> dict[str, Any]:
        """Remove one message for good."""
        work = Removed()
        await self._do(work, name)
        return {"removed": len(work.gone)}

    async def _do(self, work: Redriven | Removed, name: str | None) -> int:
        async with self._turn:
            dead = await self._open()
            if name is not None:
                await through(
                    dead,
                    work,
                    wanted=lambda each: each.is_called(name),
                    enough=lambda looked_at: work.met or looked_at >= FAR,
                )
                return 0
            async with dead.held():
                letters = await dead.look(LOOK)
                for letter in letters:
                    await work.do(dead, letter)
            return max(
                0, await dead.waiting() - len(work.left if isinstance(work, Redriven) else ())
            )

    async def _open(self) -> DeadLetters:
        return await DeadLetters.open(self._queues, self._names, self._store)


async def _row(dead: DeadLetters, letter: Letter) -> dict[str, Any]:
    received, verdict = letter.received, None
    if letter.job is not None:
        verdict = await dead.verdict(letter.id)
    error = None if verdict is None or verdict.error is None else verdict.error
    return {
        "id": letter.id,
        "message": received.message_id,
        "kind": letter.kind,
        "url": letter.url,
        "sent": received.sent_at,
        "fault": letter.fault or (error.code if error is not None else ""),
        "body": _body(letter),
    }


def _body(letter: Letter) -> str:
    if letter.job is None:
        return letter.received.body[:SHOWN]
    # Its URL may hold a signature: who reads over a shoulder needs none.
    told = json.loads(letter.received.body)
    return json.dumps({**told, "imageUrl": letter.url} if letter.url else told, indent=2)[:SHOWN]
