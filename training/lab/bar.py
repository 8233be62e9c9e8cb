"""What a training shows while it runs, on stderr: a bar for the epoch, and a line for each that ended."""

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from training.lab.run_folder import Row
from training.run import Tally

CONSOLE = Console(highlight=False, stderr=True)


class Bar(Progress):
    """Epochs of `epochs`."""

    def __init__(self, epochs: int) -> None:
        self._epochs = epochs
        super().__init__(
            TextColumn("{task.description}"),
            BarColumn(),
            TextColumn("{task.completed}/{task.total}  {task.fields[said]}"),
            TimeRemainingColumn(),
            console=CONSOLE,
        )
        self._task = self.add_task("", total=None, said="")

    def begin(self, epoch: int, total: int, tally: Tally) -> None:
        """An epoch, from 0, of so many batches; it may have begun earlier."""
        what = f"epoch {epoch + 1}/{self._epochs}"
        self.reset(self._task, total=total, completed=tally.batches, description=what, said="")

    def done(self, tally: Tally) -> None:
        """One more batch is done."""
        said = f"loss {tally.loss / tally.pictures:.3f}  top-1 {tally.top1 / tally.pictures:.1%}"
        self.update(self._task, completed=tally.batches, said=said)

    def tell(self, row: Row) -> None:
        """The epoch is kept."""
        CONSOLE.print(
            f"epoch {row.epoch}/{row.planned}  loss {row.loss:.3f}  validation loss "
            f"{row.validation_loss:.3f}  top-1 {row.validation_top1:.2%}  "
            f"top-5 {row.validation_top5:.2%}  {row.pictures_per_second:.0f} pictures/s, "
            f"{row.waiting_seconds / max(row.seconds, 1e-9):.0%} waiting for data",
            soft_wrap=True,
        )
