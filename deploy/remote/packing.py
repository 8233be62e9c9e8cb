"""The working folder there, and what became of it back: two tar files. What git ignores stays here."""

import os
import subprocess
import tarfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from deploy.errors import DeployError

# Where there is no git to ask: never wanted there, and mostly large.
LEFT_OUT = frozenset(
    {
        ".git",
        ".venv",
        "venv",
        "node_modules",
        "__pycache__",
        ".classifycloud",
        ".mypy_cache",
        ".ruff_cache",
    }
)
MOST = 5_000_000_000  # bytes; a data set of that size is better read from s3://


@dataclass(frozen=True, slots=True)
class Packed:
    """What was sent: how many files, how many bytes of them, and how each was then (bytes, nanoseconds)."""

    path: Path
    size: int
    state: dict[str, tuple[int, int]]


def pack(folder: Path, more: Sequence[str], into: Path) -> Packed:
    """Write the folder's files as a tar file.

    Args:
        more: paths within the folder that are sent though git ignores them.

    Raises:
        DeployError: a path is not there or not within, or it is too much.
    """
    known = _tracked(folder) or list(_walked(folder, LEFT_OUT))
    return _written(folder, {*known, *_within(folder, more)}, into)


def pack_only(folder: Path, paths: Sequence[str], into: Path) -> Packed:
    """Nothing but these, as of `pack`."""
    return _written(folder, set(_within(folder, paths)), into)


def _written(folder: Path, names: set[str], into: Path) -> Packed:
    state: dict[str, tuple[int, int]] = {}
    total = 0
    with tarfile.open(into, "w:gz", compresslevel=1) as tar:
        for name in sorted(names):
            path = folder / name
            if not path.is_file() and not path.is_symlink():
                continue
            said = path.lstat()
            state[name] = (said.st_size, said.st_mtime_ns)
            total += said.st_size
            if total > MOST:
                raise DeployError(
                    f"{folder} has more than {MOST / 1e9:g} GB to send.\n"
                    "Put data into a bucket and read it there, or name it in .gitignore."
                )
            tar.add(path, arcname=name, recursive=False)
    return Packed(into, total, state)


def unpack(packet: Path, folder: Path, sent: dict[str, tuple[int, int]], run: str) -> list[str]:
    """Put a run's files where they belong; names of those written.

    A file that was changed here meanwhile is not written over: the run's stands beside it as `NAME.ID`.

    Raises:
        DeployError: the tar file has a name that leads out of the folder.
    """
    written = []
    with tarfile.open(packet) as tar:
        for member in tar:
            place = (folder / member.name).resolve()
            if not place.is_relative_to(folder.resolve()) or not member.isreg():
                raise DeployError(f"{packet} has {member.name!r}, which is no file of the folder")
            target = _free(folder / member.name, sent.get(member.name), run)
            target.parent.mkdir(parents=True, exist_ok=True)
            _put(tar, member, target)
            written.append(str(target.relative_to(folder)))
    return written


def _put(tar: tarfile.TarFile, member: tarfile.TarInfo, target: Path) -> None:
    """Whole or not at all."""
    half = target.with_name(f".{target.name}.half")
    with half.open("wb") as sink:
        source = tar.extractfile(member)
        while source is not None and (data := source.read(1 << 20)):
            sink.write(data)
    half.chmod(member.mode & 0o777)
    half.replace(target)


def _free(place: Path, sent: tuple[int, int] | None, run: str) -> Path:
    if not place.exists():
        return place
    said = place.lstat()
    return (
        place
        if sent == (said.st_size, said.st_mtime_ns)
        else place.with_name(f"{place.name}.{run}")
    )


def _within(folder: Path, paths: Sequence[str]) -> Iterator[str]:
    root = folder.resolve()
    for each in paths:
        path = (folder / each).resolve()
        if not path.exists() or not path.is_relative_to(root):
            raise DeployError(f"{each}: there is no such file or folder within {folder}")
        name = path.relative_to(root)
        yield from (
            [str(name)]
            if path.is_file()
            else (str(name / inner) for inner in _walked(path, frozenset()))
        )


def _tracked(folder: Path) -> list[str]:
    """What git knows or would take; nothing where there is no repository."""
    asked = [
        "git",
        "-C",
        str(folder),
        "ls-files",
        "-z",
        "--cached",
        "--others",
        "--exclude-standard",
    ]
    try:
        said = subprocess.run(asked, capture_output=True, check=True).stdout  # noqa: S603
    except (OSError, subprocess.CalledProcessError):
        return []
    return [os.fsdecode(name) for name in said.split(b"\0") if name]


def _walked(folder: Path, but: frozenset[str]) -> Iterator[str]:
    for here, folders, files in os.walk(folder):
        folders[:] = sorted(set(folders) - but)
        yield from (str((Path(here) / name).relative_to(folder)) for name in files)
