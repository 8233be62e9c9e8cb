"""What a person reads in the terminal: a line when something changed, and nothing else."""

import sys
from pathlib import Path
from typing import TextIO

WIDTH = 9


def signal_or_status(status: int) -> str:
    """How a process ended, in words."""
    return f"signal {-status}" if status < 0 else f"exit {status}"


class Console:
    """Writes lines. A terminal that has gone away stops nothing."""

    def __init__(self, stream: TextIO | None = None) -> None:
        self._stream = stream or sys.stdout

    def say(self, text: str = "") -> None:
        try:
            self._stream.write(f"{text}\n")
            self._stream.flush()
        except (OSError, ValueError):
            return

    def of(self, part: str, text: str) -> None:
        """A line about one part."""
        self.say(f"{part:<{WIDTH}} {text}")

    def ready(self, part: str, seconds: float, shown: str) -> None:
        self.of(part, f"ready in {seconds:.1f} s  {shown}".rstrip())

    def slow(self, part: str, seconds: float, log: Path) -> None:
        self.of(part, f"not ready after {seconds:.0f} s, still waiting; its log: {log}")

    def died(self, part: str, status: int, delay: float, last: str, log: Path) -> None:
        self.of(part, f"died ({signal_or_status(status)}), starts again in {delay:g} s")
        if last:
            self.of("", f"its last line: {last}")
        self.of("", f"its log: {log}")

    def stopped(self, part: str, by_itself: bool) -> None:
        self.of(part, "stopped" if by_itself else "killed: it had not stopped yet")
