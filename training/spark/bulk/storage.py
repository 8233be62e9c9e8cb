"""Where pictures lie and results go: a folder that every machine sees, or a bucket."""

import io
import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any, BinaryIO, Protocol

from training import atomic
from training.spark.errors import ExecutorsUnfit, InputUnfit

SCHEMES = ("s3://", "s3a://", "s3n://")
AHEAD = 1 << 20  # bytes that one request to a bucket brings at least


class Storage(Protocol):
    """Files by names with slashes, under one root."""

    def names(self) -> Iterator[str]:
        """Of all files, in order; none where the root is not there."""
        ...

    def versions(self) -> Iterator[tuple[str, str]]:
        """All names, each with what is another once the file is: see `version`."""
        ...

    def version(self, name: str) -> str:
        """A file's size and time of change, or its ETag; raises OSError."""
        ...

    @contextmanager
    def opened(self, name: str) -> Iterator[BinaryIO]:
        """A file to read and seek in; raises OSError."""
        ...

    def read(self, name: str) -> bytes:
        """A file's bytes; raises OSError."""
        ...

    def write(self, name: str, content: bytes) -> None:
        """Put a file there whole, over any other of its name; raises OSError."""
        ...

    def address(self, name: str) -> str:
        """What the file is called in results."""
        ...


class Folder:
    """On a disk; hidden files are nobody's."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def names(self) -> Iterator[str]:
        for folder, inner, files in os.walk(self.root):
            inner[:] = sorted(name for name in inner if not name.startswith("."))
            for name in sorted(files):
                if not name.startswith("."):
                    yield Path(folder, name).relative_to(self.root).as_posix()

    def versions(self) -> Iterator[tuple[str, str]]:
        for name in self.names():
            yield name, self.version(name)

    def version(self, name: str) -> str:
        found = (self.root / name).stat()
        return f"{found.st_size} {found.st_mtime_ns}"

    @contextmanager
    def opened(self, name: str) -> Iterator[BinaryIO]:
        with (self.root / name).open("rb") as file:
            yield file

    def read(self, name: str) -> bytes:
        return (self.root / name).read_bytes()

    def write(self, name: str, content: bytes) -> None:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        atomic.write(path, content)

    def address(self, name: str) -> str:
        return str(self.root / name)


class Bucket:
    """Under a prefix of an S3 bucket, with boto3's own credentials and endpoint."""

    def __init__(self, bucket: str, prefix: str) -> None:
        self.bucket = bucket
        self.prefix = prefix

    def names(self) -> Iterator[str]:
        for name, _ in self.versions():
            yield name

    def versions(self) -> Iterator[tuple[str, str]]:
        with _as_os_errors(self.address("")):
            pages = _client().get_paginator("list_objects_v2")
            for page in pages.paginate(Bucket=self.bucket, Prefix=self.prefix):
                for entry in page.get("Contents", ()):
                    name = entry["Key"].removeprefix(self.prefix)
                    if name and not name.endswith("/"):
                        yield name, str(entry["ETag"])

    def version(self, name: str) -> str:
        with _as_os_errors(self.address(name)):
            found = _client().head_object(Bucket=self.bucket, Key=self.prefix + name)
        return str(found["ETag"])

    @contextmanager
    def opened(self, name: str) -> Iterator[BinaryIO]:
        with io.BufferedReader(_Ranges(self.bucket, self.prefix + name), AHEAD) as file:
            yield file

    def read(self, name: str) -> bytes:
        with _as_os_errors(self.address(name)):
            found = _client().get_object(Bucket=self.bucket, Key=self.prefix + name)
            content: bytes = found["Body"].read()
        return content

    def write(self, name: str, content: bytes) -> None:
        with _as_os_errors(self.address(name)):
            _client().put_object(Bucket=self.bucket, Key=self.prefix + name, Body=content)

    def address(self, name: str) -> str:
        return f"s3://{self.bucket}/{self.prefix}{name}"


class _Ranges(io.RawIOBase):
    """An object of a bucket, of which only the ranges that are read are fetched."""

    def __init__(self, bucket: str, key: str) -> None:
        self._asked = {"Bucket": bucket, "Key": key}
        self._at = 0
        with _as_os_errors(key):
            self._size = int(_client().head_object(**self._asked)["ContentLength"])

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        self._at = offset + {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._size}[whence]
        return self._at

    def tell(self) -> int:
        return self._at

    def readinto(self, room: Any) -> int:
        end = min(self._at + len(room), self._size)
        if end <= self._at:
            return 0
        wanted = f"bytes={self._at}-{end - 1}"
        with _as_os_errors(self._asked["Key"]):
            found = _client().get_object(**self._asked, Range=wanted)["Body"].read()
        room[: len(found)] = found
        self._at += len(found)
        return len(found)


def at(address: str) -> Storage:
    """The folder or bucket of an address; raises InputUnfit where it names no bucket."""
    for scheme in SCHEMES:
        if address.startswith(scheme):
            bucket, _, prefix = address.removeprefix(scheme).partition("/")
            if not bucket:
                raise InputUnfit(f"{address} names no bucket: s3://BUCKET/PREFIX")
            return Bucket(bucket, prefix and prefix.rstrip("/") + "/")
    if "://" in address and not address.startswith("file://"):
        raise InputUnfit(f"{address}: only folders, files and s3:// are read and written here")
    return Folder(Path(address.removeprefix("file://")))


@cache
def _client() -> Any:
    """One for each process, made where it is used."""
    try:
        import boto3
    except ImportError as error:
        raise ExecutorsUnfit("boto3 is not installed: s3:// cannot be read") from error
    from botocore.config import Config

    return boto3.client("s3", config=Config(retries={"mode": "standard", "max_attempts": 5}))


@contextmanager
def _as_os_errors(what: str) -> Iterator[None]:
    from botocore.exceptions import BotoCoreError, ClientError
    from urllib3.exceptions import HTTPError

    try:
        yield
    except ClientError as error:
        if error.response.get("ResponseMetadata", {}).get("HTTPStatusCode") == 404:
            raise FileNotFoundError(2, "No such object", what) from error
        raise OSError(5, str(error), what) from error
    except (BotoCoreError, HTTPError) as error:
        raise OSError(5, str(error), what) from error
