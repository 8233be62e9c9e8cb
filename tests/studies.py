"""A study of `classifycloud tune`, looked at from outside."""

from pathlib import Path

import optuna
from optuna.storages import JournalStorage
from optuna.storages.journal import JournalFileBackend

from training.tuning.journal import JOURNAL, NAME


def trials(folder: Path) -> list[optuna.trial.FrozenTrial]:
    """Its trials, while or after somebody works in it; raises KeyError where there is no study yet."""
    storage = JournalStorage(JournalFileBackend(str(folder / JOURNAL)))
    return optuna.load_study(study_name=NAME, storage=storage).trials
