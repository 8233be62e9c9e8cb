"""Looks at the logs while the parts run: shows what a person should see, keeps them short."""

import asyncio
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path

from local.up.console import Console
from local.up.logs import Tail, readable, shorten

EVERY = 0.25
SHORTEN_EVERY = 240  # looks, that is once a minute

Show = Callable[[str, str], str | None]


def everything(_part: str, line: str) -> str | None:
    """Every line, readable: what --verbose shows."""
    return readable(line)


class Watch:
    """Follows the logs of all parts.

    Args:
        logs: file by part.
        show: what of a part's line is shown, None for nothing.
        console: where.
    """

    def __init__(self, logs: Mapping[str, Path], show: Show, console: Console) -> None:
        self._logs = logs
        self._show = show
        self._console = console
        self._tails = {part: Tail(path) for part, path in logs.items()}

    async def run(self) -> None:
        looks = 0
        while True:
            await asyncio.sleep(EVERY)
            self.look()
            looks += 1
            if looks % SHORTEN_EVERY == 0:
                self.shorten()

    def shorten(self) -> None:
        """Keep every log short. One that cannot be, on a full disk say, is tried again next time."""
        for path in self._logs.values():
            with suppress(OSError):
                shorten(path)

    def look(self) -> None:
        """Show what is new."""
        for part, tail in self._tails.items():
            for line in tail.fresh():
                text = self._show(part, line)
                if text:
                    self._console.of(part, text)
