"""The progress bar of files on their way."""

from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TransferSpeedColumn

from wire.files import Passed


class Bar:
    """A line for each file, on stderr; nothing is drawn where nobody watches."""

    def __init__(self) -> None:
        self._lines = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            DownloadColumn(),
            TransferSpeedColumn(),
            console=Console(stderr=True),
        )

    def __enter__(self) -> Self:
        self._lines.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._lines.stop()

    def begin(self, file: str, size: int) -> Passed:
        """A file of so many bytes is on its way."""
        line = self._lines.add_task(file, total=size)
        return lambda more: self._lines.advance(line, more)
