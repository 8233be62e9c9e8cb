"""Why faults cannot be had. Apart from the rest, so that whoever reports it loads nothing else."""


class FaultsUnusableError(Exception):
    """The document cannot be read, or is no document of faults; the text says what is wrong."""
