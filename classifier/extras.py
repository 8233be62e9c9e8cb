"""What to say where a library is missing: the command that installs it here."""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def remedy(*extras: str, root: Path = ROOT) -> str:
    """The command: make's in a checkout, which is on no index; else pip's, with the package's extras.

    Args:
        root: where the rooms lie. Only a checkout has the Makefile beside them.
    """
    if (root / "Makefile").is_file():
        return "make install-dev"
    return f"pip install 'classifycloud[{','.join(extras)}]'"
