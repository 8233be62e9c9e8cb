"""The way through the whole dead-letter queue, whatever is done to each message."""

from collections.abc import Callable
from typing import Protocol

from wire.dead_letters import DeadLetters, Letter


class Errand(Protocol):
    """Something that is done to messages one after the other."""

    async def do(self, dead: DeadLetters, letter: Letter) -> None:
        """Do it to one."""


async def through(
    dead: DeadLetters,
    errand: Errand,
    done: Callable[[], object] = lambda: None,
    wanted: Callable[[Letter], bool] = lambda _: True,
    enough: Callable[[int], bool] = lambda _: False,
) -> int:
    """Do it to every wanted message that was there when it began, look by look; how many there were.

    What is left where it is stays hidden until the end: a later look brings what lies behind it. What comes
    meanwhile, a job that died again for example, is left: else it might never end. `enough` is asked after
    every look, with how many have been looked at.
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
                await errand.do(dead, letter)
                done()
            looked_at += len(old)
            if enough(looked_at):
                break
    return looked_at


def _now(letter: Letter) -> float:
    # By the queue's own clock; this machine's may be another time.
    return letter.received.sent_at + letter.received.age
