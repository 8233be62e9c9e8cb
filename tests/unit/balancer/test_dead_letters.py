"""Dead letters are counted once a minute, and not guessed while nobody knows."""

import pytest

from balancer.dead_letters import EVERY, DeadLetters
from wire.errors import QueueUnavailable
from wire.queues import Depth, QueueMissing


class Queue:
    """Says what it is told to, or fails; counts how often it was asked."""

    def __init__(self) -> None:
        self.says: Depth | Exception = Depth(3, 1)
        self.asked = 0

    async def depth(self) -> Depth:
        self.asked += 1
        if isinstance(self.says, Exception):
            raise self.says
        return self.says


async def test_once_a_minute_with_those_that_somebody_looks_at() -> None:
    now, queue = [0.0], Queue()
    dead = DeadLetters(queue, lambda: now[0])  # type: ignore[arg-type]
    assert dead.count is None
    for _ in range(3):
        await dead.look()
    assert (queue.asked, dead.count) == (1, 4)
    now[0], queue.says = EVERY, Depth(0, 0)
    await dead.look()
    assert (queue.asked, dead.count) == (2, 0)


async def test_what_cannot_be_asked_is_not_known() -> None:
    now, queue = [0.0], Queue()
    dead = DeadLetters(queue, lambda: now[0])  # type: ignore[arg-type]
    await dead.look()
    now[0], queue.says = EVERY, QueueUnavailable()
    with pytest.raises(QueueUnavailable):
        await dead.look()
    assert dead.count is None
    await dead.look()
    assert queue.asked == 2
    now[0], queue.says = 2 * EVERY, QueueMissing("gone")
    await dead.look()
    assert dead.count is None
