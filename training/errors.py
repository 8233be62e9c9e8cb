"""What can go wrong while training, each with its remedy in the message."""


class TrainingError(Exception):
    """The root: what is reported in one line instead of a traceback."""


class DataMissing(TrainingError):
    """The data folder lacks a file that the data set consists of."""


class RunMismatch(TrainingError):
    """The output folder holds a run that was started with another recipe or seed."""


class WrongRecipe(TrainingError):
    """A recipe, an architecture or one of their options that there is not."""


class OutOfSpace(TrainingError):
    """A file could not be written; the run goes on from its last checkpoint."""


class RunUnfinished(TrainingError):
    """A run has epochs left to do, so there is nothing to publish yet."""


class NotAModel(TrainingError):
    """A file that was to be imported is no network, or a broken one, or of a kind that is not read."""


class Unservable(TrainingError):
    """A network that reads well, and that no picture can be given to or no class be had from."""


class LabelsUnfit(TrainingError):
    """A file of labels that cannot be read, or that names more or fewer classes than the network has."""


class BundleExists(TrainingError):
    """There is a bundle of that name and version already, and versions do not change."""


class PicturesUnfit(TrainingError):
    """A folder or table of labeled pictures that cannot be measured on; the text names the entry."""


class FetchFailed(TrainingError):
    """A file could not be fetched whole; nothing was put in its place."""
