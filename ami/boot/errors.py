"""What can go wrong before a process of ours has started."""


class Unusable(Exception):
    """What this instance was given cannot be used; another try will not help."""


class Away(Exception):
    """A service that must be asked does not answer."""
