"""Fetches a file: whole and of the stated hash, or not at all.

What has come stays beside the place under a hidden name, and the next attempt goes on behind it where the
server allows; a server that does not sends all of it again.
"""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from pathlib import Path
from typing import BinaryIO

import httpx
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

from classifier.zoo import Download
from training.errors import FetchFailed

SILENCE = 30.0  # seconds without a byte after which a server is given up
CHUNK = 1 << 16


def fetch(download: Download, folder: Path, silence: float = SILENCE) -> Path:
    """The file in `folder`; asks nobody where it lies there already and is right.

    Args:
        silence: seconds to wait for a connection, and for each next byte.

    Raises:
        FetchFailed: offline, refused, cut short, or not of that hash. The text says what to do.
    """
    path = folder / download.name
    if path.is_file() and md5(path) == download.md5:
        return path
    partial = folder / f".{download.name}.partial"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _receive(download, partial, silence)
    except httpx.TimeoutException as error:
        raise FetchFailed(f"{download.url}: not a byte for {silence:g} s. {_AGAIN}") from error
    except httpx.HTTPError as error:
        raise FetchFailed(f"{download.url} cannot be fetched: {error}. {_OFFLINE}") from error
    except OSError as error:
        raise FetchFailed(f"{partial} cannot be written: {error.strerror}") from error
    _check(partial, download)
    partial.replace(path)
    return path


def take(download: Download, source: Path, folder: Path) -> Path:
    """As `fetch`, from a file or out of a folder of this machine.

    Raises:
        FetchFailed: it is not there, or not of that hash.
    """
    given = source / download.name if source.is_dir() else source
    path, partial = folder / download.name, folder / f".{download.name}.partial"
    try:
        if md5(given) != download.md5:
            raise FetchFailed(
                f"{given} is not the file of {download.url}: its md5 is {md5(given)}, "
                f"not {download.md5}"
            )
        if path.exists() and path.samefile(given):
            return path
        folder.mkdir(parents=True, exist_ok=True)
        with given.open("rb") as file, partial.open("wb") as target:
            while block := file.read(CHUNK):
                target.write(block)
        partial.replace(path)
    except OSError as error:
        partial.unlink(missing_ok=True)
        raise FetchFailed(f"{error.filename or given}: {error.strerror}") from error
    return path


def md5(path: Path) -> str:
    """The hash that Keras Applications states; against accidents, not against forgers."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, lambda: hashlib.md5(usedforsecurity=False)).hexdigest()


def _receive(download: Download, partial: Path, silence: float) -> None:
    """Goes on behind what there is; an answer that does not start there starts the file anew."""
    done = partial.stat().st_size if partial.is_file() else 0
    headers = {"Accept-Encoding": "identity"} | ({"Range": f"bytes={done}-"} if done else {})
    with httpx.stream(
        "GET", download.url, headers=headers, timeout=silence, follow_redirects=True
    ) as answer:
        if answer.status_code == HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE:
            return  # all of it is there, as the hash will tell
        if not answer.is_success:
            raise FetchFailed(
                f"{download.url} answers with status {answer.status_code}. {_OFFLINE}"
            )
        goes_on = answer.headers.get("Content-Range", "").startswith(f"bytes {done}-")
        with partial.open("ab" if goes_on else "wb") as file, _bar() as bar:
            _write(answer, file, bar, download.name, done if goes_on else 0)


def _write(answer: httpx.Response, file: BinaryIO, bar: Progress, name: str, done: int) -> None:
    length = answer.headers.get("Content-Length")
    task = bar.add_task(name, total=done + int(length) if length else None, completed=done)
    for block in answer.iter_raw():
        file.write(block)
        bar.update(task, advance=len(block))


def _check(partial: Path, download: Download) -> None:
    found = md5(partial)
    if found != download.md5:
        partial.unlink()
        raise FetchFailed(
            f"{download.url} came with the md5 {found}, not {download.md5}: "
            "it was changed or damaged on its way, and was thrown away"
        )


@contextmanager
def _bar() -> Iterator[Progress]:
    with Progress(
        TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TimeRemainingColumn()
    ) as bar:
        yield bar


_AGAIN = "The same command goes on from there."
_OFFLINE = "The same command tries again; a file from elsewhere is taken with --weights FILE."
