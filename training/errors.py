"""What can go wrong while training, each with its remedy in the message."""


class TrainingError(Exception):
    """The root: everything `python -m training` reports in one line instead of a traceback."""


class DataMissing(TrainingError):
    """The data folder lacks a file that the data set consists of."""


class RunMismatch(TrainingError):
    """The output folder holds a run that was started with another recipe or seed."""


class RunUnfinished(TrainingError):
    """A run has epochs left to do, so there is nothing to publish yet."""
