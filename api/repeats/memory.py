"""Answers that are remembered for a while: so many, so many bytes; the expired go first, then the least
recently used.
"""

import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

from api.repeats.asked import Asked
from api.repeats.weight import weight
from wire.messages import Answer

BYTES = 16 * 1024 * 1024  # an answer of five labels takes about 6 kB, one of a thousand 0.6 MB


@dataclass(frozen=True, slots=True)
class _Kept:
    """`begun` and `came` are the monotonic seconds of the question and of its answer."""

    answer: Answer
    size: int
    begun: float
    came: float


class Memory:
    """Answers by what was asked.

    Args:
        seconds: for which an answer is good.
        most: how many are kept.
        room: bytes that all of them may have.
        clock: monotonic seconds.
    """

    def __init__(
        self,
        seconds: float,
        most: int,
        room: int = BYTES,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._seconds = seconds
        self._most = most
        self._room = room
        self._clock = clock
        self._kept: OrderedDict[Asked, _Kept] = OrderedDict()  # the least recently used first
        self._ages: OrderedDict[Asked, float] = OrderedDict()  # `came`, the oldest first
        self._bytes = 0

    def __len__(self) -> int:
        return len(self._kept)

    def find(self, asked: Asked, oldest: float) -> tuple[Answer, float] | None:
        """The answer and its age in seconds, at most `oldest`; None when there is none so young."""
        kept = self._kept.get(asked)
        if kept is None:
            return None
        age = self._clock() - kept.came
        if age >= self._seconds:
            self._forget(asked)
            return None
        if age > oldest:
            return None
        self._kept.move_to_end(asked)
        return kept.answer, age

    def keep(self, asked: Asked, answer: Answer, begun: float) -> None:
        """Remember an answer, unless a later question has had its own already.

        Args:
            begun: monotonic seconds of the question.
        """
        there = self._kept.get(asked)
        if there is not None and there.begun >= begun:
            return
        now = self._clock()
        self._forget(asked)
        self._expire(now)
        if asked.url == answer.image_url:  # one text for both: URLs may be long
            asked = asked._replace(url=answer.image_url)
        size = weight(asked, answer)
        self._kept[asked] = _Kept(answer, size, begun, now)
        self._ages[asked] = now
        self._bytes += size
        while len(self._kept) > self._most or self._bytes > self._room:
            self._forget(next(iter(self._kept)))

    def _expire(self, now: float) -> None:
        """Let go of what is too old, asked for again or not."""
        while self._ages:
            asked, came = next(iter(self._ages.items()))
            if now - came < self._seconds:
                return
            self._forget(asked)

    def _forget(self, asked: Asked) -> None:
        kept = self._kept.pop(asked, None)
        if kept is not None:
            del self._ages[asked]
            self._bytes -= kept.size
