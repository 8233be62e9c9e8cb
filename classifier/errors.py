"""What the classifier refuses, and what it misses: one tree, a docstring each."""


class ClassifierError(Exception):
    """The root; its text is fit for a caller to read."""


class UnsupportedFormat(ClassifierError):
    """The bytes are no picture, or a picture in a format or color mode that is not read."""


class InvalidImage(ClassifierError):
    """The bytes begin like a picture of a known format but are broken or cut short."""


class TooManyPixels(ClassifierError):
    """The header announces more pixels than allowed; nothing was decoded."""


class ModelNotFound(ClassifierError):
    """The catalog has no bundle of that name and version; the text lists those it has."""


class BundleBroken(ClassifierError):
    """A bundle's file is absent, altered or unreadable; the text names the file."""


class EngineMissing(ClassifierError):
    """What an engine is made of is not installed; the text says what to install."""


class NoLayers(ClassifierError):
    """The bundle can be classified with, and its layers cannot be read; the text says whose can."""


class LayerNotFound(ClassifierError):
    """The network has no layer of that name; the text lists those it has."""


class ActivationTooLarge(ClassifierError):
    """The layer's activation has more bytes than are handed out."""
