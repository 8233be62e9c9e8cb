"""A process of the crew: `python -m training.tuning.hand REPORTS`, started by `training.tuning.crew`.

Orders come by standard input, reports go to the descriptor REPORTS. When the input ends, whoever orders is
gone: the process ends at once, wherever it is; its run's checkpoints are whole or not there.
"""

import os
import queue
import sys
import threading
from collections.abc import Callable
from typing import IO

from training.errors import TrainingError, WrongRecipe
from training.tuning.messages import (
    Done,
    Epoch,
    Failed,
    Halted,
    Message,
    Order,
    Ready,
    Stopped,
    Verdict,
    decoded,
    encoded,
)
from training.tuning.space import SpaceUnfit


class Pruned(Exception):
    """The trial is to end after this epoch."""


class Line:
    """To and from the search."""

    def __init__(self, orders: IO[bytes], reports: IO[bytes]) -> None:
        self._reports = reports
        self._heard: queue.SimpleQueue[Message] = queue.SimpleQueue()
        threading.Thread(target=self._listen, args=(orders,), daemon=True).start()

    def hear(self) -> Message:
        """The next message; waits for it."""
        return self._heard.get()

    def say(self, message: Message) -> None:
        """One line."""
        self._reports.write(encoded(message))
        self._reports.flush()

    def epoch(self, done: Epoch) -> None:
        """Reports one and heeds the verdict; raises Pruned."""
        self.say(done)
        verdict = self.hear()
        if not (isinstance(verdict, Verdict) and verdict.go_on):
            raise Pruned

    def _listen(self, orders: IO[bytes]) -> None:
        for line in orders:
            self._heard.put(decoded(line))
        os._exit(0)


def work(line: Line, teach: Callable[[Order, Callable[[Epoch], None]], float]) -> None:
    """Order after order, for as long as there are any."""
    line.say(Ready())
    while True:
        order = line.hear()
        if isinstance(order, Order):
            line.say(_outcome(line, order, teach))


def _outcome(
    line: Line, order: Order, teach: Callable[[Order, Callable[[Epoch], None]], float]
) -> Message:
    try:
        return Done(teach(order, line.epoch))
    except Pruned:
        return Stopped()
    except (WrongRecipe, SpaceUnfit, ValueError, MemoryError) as error:
        return Failed(f"{type(error).__name__}: {error}")
    except TrainingError as error:
        return Halted(str(error))


def main() -> None:
    """Never returns."""
    # Several processes may share a graphics card: none of them takes all of its memory.
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    os.environ.setdefault("TF_FORCE_GPU_ALLOW_GROWTH", "true")
    os.environ.setdefault("XLA_PYTHON_CLIENT_PREALLOCATE", "false")
    from training.tuning.teaching import teach

    with os.fdopen(int(sys.argv[1]), "wb") as reports:
        work(Line(sys.stdin.buffer, reports), teach)


if __name__ == "__main__":
    main()
