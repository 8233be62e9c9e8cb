"""The tasks of a barrier stage, as the driver sees them: all of them, or none."""

import contextlib
import threading
import time
from collections.abc import Callable, Iterator, Sequence

from training.spark.line import END, FAILED, Line, Message, Said

GLANCE = 0.5  # seconds between looks whether the crew still stands


class CrewLost(Exception):
    """A task, its executor or the line to it is gone; Spark may bring others."""


class Crew:
    """The lines to every rank of one attempt."""

    def __init__(self, attempt: int, lines: dict[int, Line], said: list[Said]) -> None:
        self.attempt = attempt
        self.said = said
        self._lines = [lines[rank] for rank in sorted(lines)]

    def __len__(self) -> int:
        return len(self._lines)

    def all(self, order: Said, body: bytes, stands: Callable[["Crew"], bool]) -> list[Message]:
        """Each rank's answer to an order that all are given, by rank; see `each`."""
        return self.each([(order, body)] * len(self), stands)

    def each(self, orders: Sequence[Message], stands: Callable[["Crew"], bool]) -> list[Message]:
        """Each rank's answer to its own order, by rank.

        Args:
            stands: whether the crew is still the one that works.

        Raises:
            CrewLost: somebody is gone.
        """
        try:
            for line, order in zip(self._lines, orders, strict=True):
                line.say(*order)
            return [self._answer(line, stands) for line in self._lines]
        except (OSError, EOFError) as error:
            raise CrewLost("an executor is gone") from error

    @contextlib.contextmanager
    def at_work(self) -> Iterator[None]:
        """Around all orders: lets every task end well, unless one is lost.

        Then the line to the others is cut: they fail, and the stage with them, which Spark starts again.
        """
        try:
            yield
        except CrewLost:
            self.dismiss()
            raise
        finally:
            for line in self._lines:
                with contextlib.suppress(OSError):
                    line.say({"do": END})

    def dismiss(self) -> None:
        """Hang up."""
        for line in self._lines:
            line.close()

    def _answer(self, line: Line, stands: Callable[["Crew"], bool]) -> Message:
        while not line.speaks(GLANCE):
            if not stands(self):
                raise CrewLost("Spark has given this attempt up")
        said, body = line.hear()
        if FAILED in said:
            raise CrewLost(f"an executor failed: {said[FAILED].splitlines()[0]}")
        return said, body


class Roll:
    """Gathers the ranks of the newest attempt as they call.

    Args:
        ranks: how many make a crew.
    """

    def __init__(self, ranks: int) -> None:
        self._ranks = ranks
        self._changed = threading.Condition()
        self._attempt = -1
        self._lines: dict[int, Line] = {}
        self._said: dict[int, Said] = {}

    def greet(self, said: Said, line: Line) -> None:
        """A rank has called; one of an earlier attempt is sent away."""
        attempt, rank = int(said["attempt"]), int(said["rank"])
        with self._changed:
            if attempt < self._attempt:
                line.close()
                return
            if attempt > self._attempt:
                self._attempt, self._lines, self._said = attempt, {}, {}
            self._lines[rank], self._said[rank] = line, said
            self._changed.notify_all()

    def newest(self, crew: Crew) -> bool:
        """Whether no later attempt has begun."""
        return crew.attempt >= self._attempt

    def crew(self, after: int, seconds: float, hopeless: Callable[[], bool]) -> Crew | None:
        """A whole crew of an attempt later than `after`; None where none came together in time.

        Args:
            hopeless: whether there is nobody to wait for any more.
        """
        end = time.monotonic() + seconds
        with self._changed:
            while self._attempt <= after or len(self._lines) < self._ranks:
                if time.monotonic() >= end or hopeless():
                    return None
                self._changed.wait(GLANCE)
            said = [self._said[rank] for rank in sorted(self._said)]
            return Crew(self._attempt, dict(self._lines), said)
