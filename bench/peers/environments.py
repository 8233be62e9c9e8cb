"""The virtual environment of each peer: made once from its lock, made anew when the lock has changed."""

import hashlib
import shutil
import subprocess
import sys
from pathlib import Path

REQUIREMENTS = Path(__file__).with_name("requirements")
PATIENCE = 1200.0
"""Seconds for one environment; most of it is TensorFlow's download."""


class NotInstalled(Exception):
    """A peer whose packages cannot be had; the text says why."""


def ensure(name: str, under: Path) -> bool:
    """Make the environment unless it is there already; whether it had to be made.

    Raises:
        NotInstalled: its packages cannot be installed, or not in time.
    """
    folder, lock = under / name, REQUIREMENTS / f"{name}.txt"
    stamp, wanted = folder / ".made", fingerprint(lock.read_bytes(), sys.version)
    if stamp.exists() and stamp.read_text() == wanted:
        return False
    shutil.rmtree(folder, ignore_errors=True)  # made in part, or from another lock
    folder.parent.mkdir(parents=True, exist_ok=True)
    try:
        for command in commands(folder, lock, uv()):
            _run(command)
    except subprocess.TimeoutExpired:
        raise NotInstalled(f"not within {PATIENCE / 60:.0f} minutes") from None
    stamp.write_text(wanted)
    return True


def fingerprint(lock: bytes, python: str) -> str:
    """Changes when the environment must be made anew."""
    return hashlib.sha256(lock + python.encode()).hexdigest()


def uv() -> str | None:
    """The command, beside this Python or on the path; None where it is not installed."""
    beside = Path(sys.executable).with_name("uv")
    return str(beside) if beside.exists() else shutil.which("uv")


def commands(folder: Path, lock: Path, uv: str | None) -> list[list[str]]:
    """What makes the environment; with uv in seconds, for it links what it has downloaded before."""
    python, base = str(folder / "bin" / "python"), sys.executable
    if uv:
        return [
            [uv, "venv", "--quiet", "--python", base, str(folder)],
            [uv, "pip", "install", "--compile-bytecode", "--python", python, "--require-hashes"]
            + ["-r", str(lock)],
        ]
    return [
        [base, "-m", "venv", str(folder)],
        [python, "-m", "pip", "install", "--disable-pip-version-check", "--require-hashes"]
        + ["-r", str(lock)],
    ]


def _run(command: list[str]) -> None:
    """Its progress goes to this terminal."""
    ended = subprocess.run(command, stdout=sys.stderr, timeout=PATIENCE).returncode
    if ended:
        raise NotInstalled(f"`{' '.join(command)}` ended with status {ended}, its output is above")
