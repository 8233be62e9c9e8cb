"""What is done to each message: sent again, or removed; and the way through the whole queue."""

from collections.abc import Callable
from typing import Protocol

from cli.dead_letters import DeadLetters, Letter

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


class Purge:
    """Removes messages for good."""

    def __init__(self) -> None:
        self._removed = 0

    async def do(self, dead: DeadLetters, letter: Letter) -> None:
        await dead.purge(letter)
        self._removed += 1

    def report(self) -> str:
        return f"{self._removed} {'message' if self._removed == 1 else 'messages'} removed."


async def through(
    dead: DeadLetters,
    work: Work,
    done: Callable[[], object] = lambda: None,
    wanted: Callable[[Letter], bool] = lambda _: True,
) -> int:
    """Do the work to every wanted message that was there when it began, look by look; how many there were.

    What is left where it is stays hidden until the end: a later look brings what lies behind it. What comes
    meanwhile, a job that died again for example, is left: else it might never end.
    """
    began: float | None = None
    looked_at = 0
    async with dead.held():
        while letters := await dead.look():
            began = began if began is not None else _now(letters[0])
            old = [each for each in letters if each.received.sent_at <= began]
            if not old:
                break
            for letter in filter(wanted, old):
                await work.do(dead, letter)
                done()
            looked_at += len(old)
    return looked_at


def _now(letter: Letter) -> float:
    # By the queue's own clock; this machine's may be another time.
    return letter.received.sent_at + letter.received.age


def _jobs(ids: list[str]) -> str:
    return "job" if len(ids) == 1 else "jobs"
