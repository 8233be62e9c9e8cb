"""The network that speed is measured with: InceptionV3 with random weights, made once."""

import subprocess
import sys
from pathlib import Path

CATALOG = Path(".classifycloud/bench")


class NotMade(Exception):
    """The bundle could not be made; the text says why."""


def stand_in(precision: str = "int8", catalog: Path = CATALOG) -> Path:
    """The bundle's folder; made where it is missing, which takes a minute and what training needs.

    Raises:
        NotMade: it cannot be.
    """
    folder = (catalog / f"inception-v3-{precision}" / "1").resolve()
    if folder.exists():
        return folder
    print(f"making {folder} (once, about a minute)", file=sys.stderr)
    command = [sys.executable, "-m", "training", "stand-in", "--precision", precision]
    made = subprocess.run(
        [*command, "--out", str(catalog)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    if made.returncode or not folder.exists():
        raise NotMade(f"no network to measure with: {made.stderr.strip().splitlines()[-1:]}")
    return folder
