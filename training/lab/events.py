"""The rows as TensorBoard's event files, written by TensorFlow alone; without it there are none.

A file for each attempt, which begins with the rows of the earlier ones and replaces their files.
"""

import time
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from training.lab.run_folder import Row

TRAINING = (
    "loss",
    "top1",
    "top5",
    "rate",
    "pictures_per_second",
    "waiting_seconds",
    "computing_seconds",
)
VALIDATION = ("validation_loss", "validation_top1", "validation_top5")


class Events:
    """Appends to a file under `folder`; `rows` are those of earlier attempts."""

    def __init__(self, folder: Path, rows: Sequence[Row]) -> None:
        self._folder = folder
        self._rows = list(rows)
        self._file: Any = None

    def __enter__(self) -> Self:
        try:
            import tensorflow as tf
        except ImportError:
            return self
        self._folder.mkdir(exist_ok=True)
        for old in self._folder.glob("events.out.tfevents.*"):
            old.unlink()
        path = self._folder / f"events.out.tfevents.{int(time.time())}.training"
        self._file = tf.io.TFRecordWriter(str(path))
        self._write(file_version="brain.Event:2")
        for row in self._rows:
            self.add(row)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._file is not None:
            self._file.close()

    def add(self, row: Row) -> None:
        """One more epoch, which a reader sees at once."""
        if self._file is None:
            return
        from tensorflow.core.framework.summary_pb2 import Summary

        said = asdict(row)
        named = {f"training/{name}": said[name] for name in TRAINING}
        named |= {
            f"validation/{name.removeprefix('validation_')}": said[name] for name in VALIDATION
        }
        values = [Summary.Value(tag=tag, simple_value=value) for tag, value in named.items()]
        self._write(step=row.epoch, summary=Summary(value=values))
        self._file.flush()

    def _write(self, **what: Any) -> None:
        from tensorflow.core.util.event_pb2 import Event

        self._file.write(Event(wall_time=time.time(), **what).SerializeToString())
