"""Pictures out of S3: each object once, compared with its checksum, wherever the last attempt ended.

A journal says what is here: a line for each file, appended after the file has its name. A half-fetched file
keeps what came under a name that has the object's ETag in it, and goes on behind it. Whoever fetches holds a
lock on the journal: the next process waits, and finds the files.
"""

import fcntl
import hashlib
import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from threading import Lock
from typing import Any, BinaryIO

from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from rich.progress import track
from urllib3.exceptions import HTTPError

from training.atomic import roomy
from training.decoded import CONSOLE
from training.errors import DataMissing, FetchFailed

SCHEME = "s3://"
JOURNAL = ".synced.jsonl"
PARTIAL = ".partial-"
THREADS = 8
CHUNK = 1 << 20


@dataclass(frozen=True)
class Remote:
    """An object, and its place under the folder."""

    key: str
    path: str
    size: int
    etag: str

    @property
    def md5(self) -> str | None:
        """Of its bytes, where the ETag is one: not of an object that was sent in parts."""
        return self.etag if len(self.etag) == 32 else None


def synced(url: str, cache: Path, client: Any = None) -> Path:
    """The folder with all objects under `s3://BUCKET/PREFIX`, and no others.

    Raises:
        DataMissing: there are none.
        FetchFailed: S3 cannot be reached, or refuses; what has come is kept.
        OutOfSpace
    """
    bucket, _, prefix = url.removeprefix(SCHEME).partition("/")
    prefix = prefix.rstrip("/") + "/" if prefix.rstrip("/") else ""
    folder = cache / "s3" / hashlib.sha256(f"{bucket}/{prefix}".encode()).hexdigest()[:12]
    folder.mkdir(parents=True, exist_ok=True)
    with _alone(folder, url):
        _fetch(url, bucket, prefix, folder, client or _client())
    return folder


@contextmanager
def _alone(folder: Path, url: str) -> Iterator[None]:
    """One process at a time: two would append to the same half-fetched file."""
    with (folder / JOURNAL).open("ab") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            CONSOLE.print(f"another process fetches {url}: waiting for it", soft_wrap=True)
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _fetch(url: str, bucket: str, prefix: str, folder: Path, s3: Any) -> None:
    with _reached(url, folder):
        remote = list(_listed(s3, bucket, prefix))
    if not remote:
        raise DataMissing(f"{url} holds no objects: --data must name a bucket and a prefix in it")
    here = _journal(folder)
    missing = [each for each in remote if not _kept(folder, here, each)]
    with _reached(url, folder), ThreadPoolExecutor(THREADS) as pool:
        place = Place(s3, bucket, folder)
        work = [pool.submit(place.fetch, each) for each in missing]
        try:
            for done in track(work, "fetching", len(work), console=CONSOLE):
                done.result()
        finally:
            pool.shutdown(cancel_futures=True)
    _remove_others(folder, {each.path for each in remote})


def _client() -> Any:
    import boto3

    retries: Any = {"mode": "standard", "max_attempts": 3}
    return boto3.client("s3", config=Config(connect_timeout=5, read_timeout=30, retries=retries))


def _listed(s3: Any, bucket: str, prefix: str) -> Iterator[Remote]:
    for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix):
        for each in page.get("Contents", ()):
            path = each["Key"].removeprefix(prefix)
            if not path or path.endswith("/"):
                continue
            if ".." in PurePosixPath(path).parts or path.startswith("/"):
                raise FetchFailed(f"s3://{bucket}/{each['Key']} would lie outside its folder")
            yield Remote(each["Key"], path, each["Size"], each["ETag"].strip('"'))


def _journal(folder: Path) -> dict[str, dict[str, Any]]:
    """By path; a last line that a kill cut short is let go."""
    found: dict[str, dict[str, Any]] = {}
    path = folder / JOURNAL
    for line in path.read_text("utf-8").splitlines() if path.exists() else ():
        try:
            entry = json.loads(line)
        except ValueError:
            continue
        found[entry["path"]] = entry
    return found


def _kept(folder: Path, here: dict[str, dict[str, Any]], remote: Remote) -> bool:
    """Whether the file is here as it was fetched; one that was touched since is read again."""
    entry, path = here.get(remote.path), folder / remote.path
    if entry is None or entry["etag"] != remote.etag or not path.is_file():
        return False
    if path.stat().st_size != remote.size:
        return False
    return bool(path.stat().st_mtime_ns == entry["changed"] or _sha256(path) == entry["sha256"])


@dataclass(frozen=True)
class Place:
    """Where objects come from and go to; may be used by several threads."""

    s3: Any
    bucket: str
    folder: Path
    _writing: Lock = field(default_factory=Lock)

    def fetch(self, remote: Remote) -> None:
        """Put the object under its name and note it; raises FetchFailed where its bytes are others."""
        path = self.folder / remote.path
        path.parent.mkdir(parents=True, exist_ok=True)
        partial = path.with_name(f".{path.name}{PARTIAL}{remote.etag}")
        with partial.open("ab") as file:
            done = file.tell()
            said = self._stream(remote, done, file) if done < remote.size else self._asked(remote)
        # Under a key of KMS the ETag is no md5, though it looks like one.
        plain = not str(said.get("ServerSideEncryption", "")).startswith("aws:kms")
        self._compare(partial, remote, plain)
        digest = _sha256(partial)
        partial.replace(path)
        self._note(remote, digest, path.stat().st_mtime_ns)

    def _stream(self, remote: Remote, done: int, file: BinaryIO) -> dict[str, Any]:
        """Append what is missing; what S3 says of the object."""
        asked = {"Range": f"bytes={done}-"} if done else {}
        answer: dict[str, Any] = self.s3.get_object(
            Bucket=self.bucket, Key=remote.key, IfMatch=remote.etag, **asked
        )
        with roomy(self.folder / remote.path):
            for chunk in answer["Body"].iter_chunks(CHUNK):
                file.write(chunk)
            file.flush()
        return answer

    def _asked(self, remote: Remote) -> dict[str, Any]:
        """What S3 says of an object of which nothing is missing: an empty one, or one that a kill left."""
        said: dict[str, Any] = self.s3.head_object(
            Bucket=self.bucket, Key=remote.key, IfMatch=remote.etag
        )
        return said

    def _compare(self, partial: Path, remote: Remote, plain: bool) -> None:
        with partial.open("rb") as file:
            md5 = hashlib.file_digest(file, lambda: hashlib.md5(usedforsecurity=False)).hexdigest()
        altered = plain and remote.md5 not in (None, md5)
        if partial.stat().st_size == remote.size and not altered:
            return
        partial.unlink()
        raise FetchFailed(
            f"s3://{self.bucket}/{remote.key} did not arrive as its ETag says: "
            "nothing of it was kept; the same command fetches it again"
        )

    def _note(self, remote: Remote, digest: str, changed: int) -> None:
        entry = {"path": remote.path, "etag": remote.etag, "sha256": digest, "changed": changed}
        journal = self.folder / JOURNAL
        # A line of its own even behind one that was cut short.
        with self._writing, roomy(journal), journal.open("a", encoding="utf-8") as file:
            file.write(f"\n{json.dumps(entry)}\n")


def _remove_others(folder: Path, paths: set[str]) -> None:
    """What was removed from the bucket is no data any more; nor is what is left of older objects."""
    for path in folder.rglob("*"):
        name = str(path.relative_to(folder))
        if path.is_file() and name not in paths and name != JOURNAL:
            path.unlink()


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@contextmanager
def _reached(url: str, folder: Path) -> Iterator[None]:
    try:
        yield
    except ClientError as error:
        code = error.response.get("Error", {}).get("Code", "")
        raise FetchFailed(f"{url}: S3 refuses ({code}). {_remedy(folder)}") from error
    except (BotoCoreError, HTTPError) as error:
        raise FetchFailed(f"{url} cannot be reached ({error}). {_remedy(folder)}") from error


def _remedy(folder: Path) -> str:
    return f"{len(_journal(folder))} files are here: the same command goes on behind them"
