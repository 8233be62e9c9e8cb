"""Processes that train: each does one trial after the other, and ends when whoever started it does."""

import os
import selectors
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, TypeAlias

from training.errors import TrainingError
from training.tuning.messages import Message, Order, Ready, Verdict, decoded, encoded

GRACE = 10  # seconds for a process to see that nobody orders any more
STILLBORN = 3  # processes in a row that end before they are ready


@dataclass(frozen=True, slots=True)
class Gone:
    """The process ended, and with it what it worked on; `how` in words."""

    how: str


Heard: TypeAlias = Message | Gone


@dataclass(eq=False)
class Hand:
    """One process of the crew; `order` is what it works on."""

    process: "subprocess.Popen[bytes]"
    orders: IO[bytes]
    reports: int
    log: Path
    ready: bool = False
    order: Order | None = None
    unread: bytearray = field(default_factory=bytearray)

    def tell(self, message: Message) -> None:
        """What is told to a process that is gone is lost; `Crew.heard` says that it is."""
        with suppress(BrokenPipeError):
            self.orders.write(encoded(message))
            self.orders.flush()


class Crew:
    """So many processes, those that end replaced."""

    def __init__(self, command: Sequence[str], size: int, logs: Path) -> None:
        """Starts nothing yet.

        Args:
            command: a program that takes orders from its standard input and reports to the descriptor whose
                number is its last argument.
            size: how many at once.
            logs: a folder for what they print.
        """
        self._command = list(command)
        self._size = size
        self._logs = logs
        self._ear = selectors.DefaultSelector()
        self._stillborn = 0
        self.hands: list[Hand] = []

    def fill(self) -> None:
        """Starts what is missing; raises TrainingError when one after the other dies at once."""
        if self._stillborn >= STILLBORN:
            raise TrainingError(
                f"{STILLBORN} processes in a row ended before they could train: see {self._logs}"
            )
        while len(self.hands) < self._size:
            self.hands.append(self._started(self._free()))

    def idle(self) -> list[Hand]:
        """Those that have nothing to do; none of those that are only starting."""
        return [hand for hand in self.hands if hand.ready and hand.order is None]

    def give(self, hand: Hand, order: Order) -> None:
        """Let a process that is idle work on it."""
        hand.order = order
        hand.tell(order)

    def judge(self, hand: Hand, go_on: bool) -> None:
        """Answers a report of an epoch."""
        hand.tell(Verdict(go_on))

    def heard(self, patience: float) -> Iterator[tuple[Hand, Heard]]:
        """What comes within so many seconds; a process that is gone is no longer one of the crew."""
        for key, _ in self._ear.select(patience):
            hand: Hand = key.data
            data = os.read(hand.reports, 1 << 16)
            if not data:
                yield hand, self._buried(hand)
                continue
            hand.unread += data
            *lines, rest = hand.unread.split(b"\n")
            hand.unread = bytearray(rest)
            for line in lines:
                said = decoded(bytes(line))
                if isinstance(said, Ready):
                    hand.ready, self._stillborn = True, 0
                else:
                    yield hand, said

    def close(self) -> None:
        """Ends them all: nothing that they kept is lost, and what they work on is not finished."""
        for hand in self.hands:
            with suppress(BrokenPipeError):
                hand.orders.close()
        for hand in list(self.hands):
            try:
                hand.process.wait(GRACE)
            except subprocess.TimeoutExpired:
                hand.process.kill()
            self._buried(hand)
        self._ear.close()

    def _started(self, log: Path) -> Hand:
        ours, theirs = os.pipe()
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("ab") as printed:
            process = subprocess.Popen(
                [*self._command, str(theirs)],
                stdin=subprocess.PIPE,
                stdout=printed,
                stderr=printed,
                pass_fds=(theirs,),
                start_new_session=True,  # Ctrl-C is for the search, which then ends them
            )
        os.close(theirs)
        assert process.stdin is not None
        hand = Hand(process, process.stdin, ours, log)
        self._ear.register(ours, selectors.EVENT_READ, hand)
        return hand

    def _buried(self, hand: Hand) -> Gone:
        self._ear.unregister(hand.reports)
        os.close(hand.reports)
        with suppress(BrokenPipeError):
            hand.orders.close()
        code = hand.process.wait()
        self.hands.remove(hand)
        self._stillborn += not hand.ready
        return Gone(_ended(code))

    def _free(self) -> Path:
        """A log's name that no process of the crew writes to."""
        taken = {hand.log for hand in self.hands}
        names = (self._logs / f"{at + 1}.log" for at in range(self._size))
        return next(path for path in names if path not in taken)


def command() -> list[str]:
    """The program of a process of the crew."""
    return [sys.executable, "-m", "training.tuning.hand"]


def _ended(code: int) -> str:
    if code < 0:
        return f"its process was ended by {signal.Signals(-code).name}"
    return f"its process ended with status {code}"
