"""The training loop: epochs over batches, a checkpoint after each and within it."""

import math
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import keras

from training import batches
from training.batches import Batch
from training.decoded import Split
from training.lab.bar import Bar
from training.lab.course import Course, patient
from training.lab.events import Events
from training.lab.measured import Measured, keep_best, measure
from training.lab.run_folder import EVENTS, Row, RunFolder, best_of
from training.lab.stopping import Stopping
from training.run import Run, Tally
from training.step import Step

SHARE = 20  # a checkpoint may take this part of the time
Watch = Callable[[Row], None]
Best = Callable[[Step, Path, int, Measured, Split], None]


@dataclass
class Loop:
    """Trains `step` along `course` and keeps the result in `run`, from wherever the run was left.

    Args:
        watch: is told of each epoch after it is kept; what it raises ends the run, which can go on later.
        every: seconds between checkpoints within an epoch, at least; 0: one after each batch.
        best: keeps what a network with the lowest validation loss so far says; None: that is not kept.
    """

    step: Step
    course: Course
    run: Run
    watch: Watch = lambda _row: None
    every: float = 30.0
    best: Best | None = keep_best
    _kept: float = field(default=0.0, init=False)
    _cost: float = field(default=0.0, init=False)

    def to_the_end(self) -> None:
        """Raises KeyboardInterrupt where it is told to stop: what was done is kept, another call goes on."""
        self._resume()
        self._kept = time.monotonic()
        with (
            Stopping() as stopping,
            Bar(self.course.epochs) as bar,
            Events(self.run.folder / EVENTS, self.run.rows) as events,
        ):
            while (epoch := len(self.run.rows)) < self.course.epochs and self._patient():
                row = self._epoch(epoch, bar, stopping)
                bar.tell(row)
                events.add(row)
                self.watch(row)
                stopping.heed()
        self.run.end("epochs" if len(self.run.rows) >= self.course.epochs else "early stop")

    def _resume(self) -> None:
        self.run.look()
        if self.run.rows or self.run.tally.batches:
            done = self.run.tally.epoch - (0 if self.run.tally.batches else 1)
            self.course.enter(done)
            self.run.restore(self.step)
            self._catch_up()

    def _catch_up(self) -> None:
        """A kill may have come between an epoch's checkpoint and what is kept of its network."""
        row, ended = best_of(self.run.rows), not self.run.tally.batches
        if self.best is None or row is None or row is not self.run.rows[-1] or not ended:
            return
        if RunFolder(self.run.folder).kept_epoch != row.epoch:
            held = self.course.held(min(row.epoch, self.course.epochs) - 1)
            self.best(self.step, self.run.folder, row.epoch, measure(self.step, held), held)

    def _patient(self) -> bool:
        return patient([row.validation_loss for row in self.run.rows], self.course.patience)

    def _epoch(self, epoch: int, bar: Bar, stopping: Stopping) -> Row:
        """Trains on each picture once and measures on the validation pictures."""
        self.course.enter(epoch)
        learn, tally = self.course.learn(epoch), self.run.tally
        total = self.course.shuffle.steps(learn)
        bar.begin(epoch, total, tally)
        source = batches.ahead(self.course.shuffle.epoch(learn, epoch, tally.batches))
        for batch in _timed(source, tally):
            self._step(batch, tally, total)
            bar.done(tally)
            if stopping.wanted or self._due():
                self._keep()
                stopping.heed()
        held = self.course.held(epoch)
        return self._end(epoch, learn.pictures.shape[1], measure(self.step, held))

    def _step(self, batch: Batch, tally: Tally, total: int) -> None:
        began = time.monotonic()
        rate = self.course.rate(tally.epoch, tally.batches, total)
        found = self.step.train(*batch, rate)
        tally.add(found, len(batch[0]), rate)
        tally.computing += time.monotonic() - began

    def _end(self, epoch: int, side: int, found: Measured) -> Row:
        row = _row(self.run, self.course.epochs, side, found)
        self.run.save(self.step, row)
        if self.best and best_of(self.run.rows) is row:
            self.best(self.step, self.run.folder, row.epoch, found, self.course.held(epoch))
        self._kept = time.monotonic()
        return row

    def _due(self) -> bool:
        least = max(self.every, SHARE * self._cost) if self.every else 0.0
        return time.monotonic() - self._kept >= least

    def _keep(self) -> None:
        began = time.monotonic()
        self.run.keep(self.step)
        self._kept = time.monotonic()
        self._cost = self._kept - began


def seed_everything(seed: int) -> None:
    """Before the network is made: its weights and the random states of its layers follow from it."""
    keras.utils.set_random_seed(seed)


def _timed(source: Iterator[Batch], tally: Tally) -> Iterator[Batch]:
    """The batches; the time that they were waited for is added up."""
    while True:
        began = time.monotonic()
        batch = next(source, None)
        tally.waiting += time.monotonic() - began
        if batch is None:
            return
        yield batch


def _row(run: Run, planned: int, side: int, found: Measured) -> Row:
    tally = run.tally
    seconds = tally.waiting + tally.computing
    count = tally.pictures or math.nan
    return Row(
        epoch=tally.epoch + 1,
        planned=planned,
        side=side,
        steps=run.steps,
        loss=tally.loss / count,
        top1=tally.top1 / count,
        top5=tally.top5 / count,
        validation_loss=found.loss,
        validation_top1=found.accuracy.top1,
        validation_top5=found.accuracy.top5,
        rate=tally.rate,
        pictures_per_second=round(tally.pictures / seconds, 1) if seconds else 0.0,
        seconds=round(seconds, 2),
        waiting_seconds=round(tally.waiting, 2),
        computing_seconds=round(tally.computing, 2),
    )
