"""How many connections this process may hold open."""

import resource


def as_many_as_allowed() -> int:
    """Raise the soft limit of open files to the hard one; the limit."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != hard:
        try:
            resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
        except (ValueError, OSError):  # macOS allows less than its own hard limit
            return soft
    return hard
