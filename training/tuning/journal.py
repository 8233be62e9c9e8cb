"""A study's folder: what it is, Optuna's journal, and a lock, so that the journal has one writer.

Optuna recommends its journal file where several processes work and files may be on a network; its heartbeats
need a database. Ours has one writer (`training.tuning`), so that the lock is held once for all: a kill leaves
no stale lock file, and of a line that was being written only its end is missing.
"""

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import optuna
from optuna.storages import JournalStorage
from optuna.storages.journal import JournalFileBackend, JournalFileOpenLock

from training.atomic import write
from training.errors import RunMismatch, TrainingError

DESCRIPTION = "study.json"
JOURNAL = "journal.log"
LOCK = "lock"
NAME = "tune"
STARTUP = 4  # trials that nothing is pruned before
EARLIEST = 2  # the first epoch, from 1, that a trial is ended after


class StudyBusy(TrainingError):
    """Another process searches in the same folder."""


class _Held(JournalFileOpenLock):
    """The folder's lock is held while the study is open."""

    def acquire(self) -> bool:
        return True

    def release(self) -> None:
        return None


@contextmanager
def opened(folder: Path, identity: dict[str, Any]) -> Iterator[optuna.Study]:
    """The folder's study, begun where there is none. Greater values are better.

    Args:
        identity: what makes two studies the same one, as JSON.

    Raises:
        StudyBusy: somebody else has it open.
        RunMismatch: the folder holds another study.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / LOCK).open("ab") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise StudyBusy(
                f"another `tune` works in {folder}: wait for it, or name another --out"
            ) from error
        _same(folder / DESCRIPTION, identity)
        _mend(folder / JOURNAL)
        yield _study(folder / JOURNAL)


def whole(lines: bytes) -> bytes:
    """All up to the end of the last whole line."""
    return lines[: lines.rfind(b"\n") + 1]


def _study(journal: Path) -> optuna.Study:
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    storage = JournalStorage(JournalFileBackend(str(journal), lock_obj=_Held(str(journal))))
    pruner = optuna.pruners.MedianPruner(n_startup_trials=STARTUP, n_warmup_steps=EARLIEST)
    try:
        return optuna.load_study(study_name=NAME, storage=storage, pruner=pruner)
    except KeyError:
        # Only then: to ask for a study that exists would write of it each time.
        return optuna.create_study(
            study_name=NAME, storage=storage, pruner=pruner, direction="maximize"
        )


def _same(described: Path, identity: dict[str, Any]) -> None:
    if described.exists():
        try:
            before = json.loads(described.read_text("utf-8"))
        except ValueError:
            before = None
        if before != json.loads(json.dumps(identity)):
            raise RunMismatch(
                f"{described.parent} holds another study: the same space, data, model and options go on with "
                "it; name another --out for others"
            )
        return
    write(described, json.dumps(identity, indent=2).encode())


def _mend(journal: Path) -> None:
    """A line that a kill cut off would spoil the one that is written behind it."""
    if not journal.exists():
        return
    found = journal.read_bytes()
    if len(kept := whole(found)) < len(found):
        with journal.open("r+b") as file:
            file.truncate(len(kept))
            os.fsync(file.fileno())
