"""`python -m ami.names`: the name of every setting, a line each.

An image has them in a file: they take 0.1 s to find.
"""

from wire.settings import KINDS, PREFIX


def settings() -> frozenset[str]:
    """CLASSIFYCLOUD_... of every process of the service."""
    return frozenset(f"{PREFIX}{name.upper()}" for kind in KINDS for name in kind.model_fields)


if __name__ == "__main__":
    print("\n".join(sorted(settings())))
