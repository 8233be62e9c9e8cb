"""What is done to each message: sent again, or removed."""

from typing import Protocol

from wire.dead_letters import DeadLetters, Letter

TO_FETCH = (
    "Their answers are kept by id: ask the service for /jobs/ID. A job that kills its workers again "
    "is back here after its third try."
)


class Work(Protocol):
    """Something that is done to messages one after the other."""

    async def do(self, dead: DeadLetters, letter: Letter) -> None:
        """Do it to one."""

    def report(self) -> str:
        """What was done, for people."""

    def document(self) -> dict[str, object]:
        """The same for --json."""


class Redrive:
    """Sends jobs again. `dry` only says which."""

    def __init__(self, dry: bool) -> None:
        self._dry = dry
        self._sent: list[str] = []
        self._left: set[str] = set()

    async def do(self, dead: DeadLetters, letter: Letter) -> None:
        if letter.job is None:
            self._left.add(letter.id)
            return
        if not self._dry:
            await dead.redrive(letter)
        self._sent.append(letter.id)

    def report(self) -> str:
        ids = list(dict.fromkeys(self._sent))
        verb = "would be sent again" if self._dry else "sent again"
        lines = [
            f"{len(ids)} {_jobs(ids)} {verb}{':' if ids else '.'}",
            *(f"  {each}" for each in ids),
        ]
        if ids and not self._dry:
            lines.append(TO_FETCH)
        if self._left:
            lines.append(
                f"{len(self._left)} left where they are, for no worker can read them: "
                "`classifycloud dlq show ID` says why, `classifycloud dlq purge ID` removes one."
            )
        return "\n".join(lines)

    def document(self) -> dict[str, object]:
        sent = list(dict.fromkeys(self._sent))
        return {"sent": sent, "left": sorted(self._left), "dryRun": self._dry}


class Purge:
    """Removes messages for good."""

    def __init__(self) -> None:
        self._removed = 0

    async def do(self, dead: DeadLetters, letter: Letter) -> None:
        await dead.purge(letter)
        self._removed += 1

    def report(self) -> str:
        return f"{self._removed} {'message' if self._removed == 1 else 'messages'} removed."

    def document(self) -> dict[str, object]:
        return {"removed": self._removed}


def _jobs(ids: list[str]) -> str:
    return "job" if len(ids) == 1 else "jobs"
