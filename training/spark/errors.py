"""What keeps Spark from working here, each with its remedy in the message."""

from training.errors import TrainingError


class SparkMissing(TrainingError):
    """PySpark is not installed."""


class JavaUnfit(TrainingError):
    """There is no Java, or an older one than Spark runs on."""


class MasterUnfit(TrainingError):
    """The address of the cluster is none, leads nowhere, or is of a kind that cannot do this."""


class TooFewSlots(TrainingError):
    """The cluster has fewer task slots than executors are asked for."""


class ExecutorsUnfit(TrainingError):
    """The executors lack what the work takes: the package, a library, the data."""


class ClusterFailed(TrainingError):
    """Executors were lost, or failed, more often than is worth another try."""


class OutputMismatch(TrainingError):
    """The output folder holds the results of another input, network or question."""


class InputUnfit(TrainingError):
    """There is nothing to classify, or it is of no kind that is read."""


class TooFewPictures(TrainingError):
    """The pictures cannot be shared out as asked."""


class BackendUnfit(TrainingError):
    """Keras runs on a backend that this cannot be done with."""
