"""The parts' logs: files that the parts write themselves, so that a killed supervisor cuts none off."""

import json
import os
import shutil
from pathlib import Path
from typing import BinaryIO

LIMIT = 16 * 1024 * 1024  # bytes; a log and the one before it are kept
SHOWN = 300  # characters of one line in the terminal


def opened(path: Path) -> BinaryIO:
    """The log to append to. O_APPEND is what lets `shorten` truncate under a running part."""
    return path.open("ab", buffering=0)


def shorten(path: Path, limit: int = LIMIT) -> None:
    """Move a log's text to `.1` once it is longer than the limit.

    The part keeps its open file. What it writes between copy and truncation is lost, which a log of
    this length can bear.
    """
    if path.exists() and path.stat().st_size > limit:
        shutil.copyfile(path, path.with_name(f"{path.name}.1"))
        os.truncate(path, 0)


def last_line(path: Path) -> str:
    """The last line with text in it, made readable; empty when there is none."""
    try:
        with path.open("rb") as file:
            file.seek(max(0, file.seek(0, os.SEEK_END) - 8192))
            lines = file.read().decode(errors="replace").splitlines()
    except OSError:
        return ""
    return next((readable(line) for line in reversed(lines) if line.strip()), "")


def readable(line: str) -> str:
    """A structured line as `event key=value …`, any other as it is; at most 300 characters."""
    fields = parsed(line)
    if fields is None:
        return line.rstrip()[:SHOWN]
    event = str(fields.pop("event", ""))
    boring = ("level", "timestamp", "process", "instance")
    rest = (f"{name}={value}" for name, value in fields.items() if name not in boring)
    return " ".join((event, *rest))[:SHOWN].replace("\n", " | ")


def parsed(line: str) -> dict[str, object] | None:
    """The fields of a structured line, None when it is none."""
    try:
        fields = json.loads(line)
    except ValueError:
        return None
    return fields if isinstance(fields, dict) else None


class Tail:
    """What is appended to a log from now on. Bears a missing and a truncated file."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._at = path.stat().st_size if path.exists() else 0
        self._rest = b""

    def fresh(self) -> list[str]:
        """The lines completed since the last call."""
        try:
            with self._path.open("rb") as file:
                if file.seek(0, os.SEEK_END) < self._at:
                    self._at, self._rest = 0, b""
                file.seek(self._at)
                text = self._rest + file.read()
                self._at = file.tell()
        except OSError:
            return []
        *lines, self._rest = text.split(b"\n")
        return [line.decode(errors="replace") for line in lines]
