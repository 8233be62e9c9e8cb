"""The progress bar of files on their way."""

from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TransferSpeedColumn

from wire.files import Passed


class Bar(Progress):
    """A line for each file, on stderr; nothing is drawn where nobody watches."""

    def __init__(self) -> None:
        console = Console(stderr=True)
        super().__init__(
            TextColumn("{task.description}"),
            BarColumn(),
            DownloadColumn(),
            TransferSpeedColumn(),
            console=console,
            disable=not console.is_terminal,
        )

    def begin(self, file: str, size: int) -> Passed:
        """A file of so many bytes is on its way."""
        line = self.add_task(file, total=size)
        return lambda more: self.advance(line, more)
