"""Files in the store that are too large for memory: streamed, and compared by their sha256. Blocks."""

import base64
import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

from botocore.exceptions import BotoCoreError, ClientError
from urllib3.exceptions import HTTPError

from wire.aws import error_code, is_outage
from wire.errors import QueueUnavailable

CHUNK = 1 << 20
ABSENT = {"404", "NoSuchKey", "NotFound", "NoSuchBucket"}

Passed = Callable[[int], None]
"""Told how many more bytes have passed."""


class FileAltered(Exception):
    """What was read is not what was meant: its sha256 is another."""


class S3Files:
    """Files of a bucket. Every call raises QueueUnavailable where the store cannot be reached or refuses.

    Args:
        client: gives boto3's client; called where calls are made, since the first makes it.
        bucket: its name.
    """

    def __init__(self, client: Callable[[], Any], bucket: str) -> None:
        self._s3 = client
        self._bucket = bucket

    def holds(self, key: str, size: int, digest: str) -> bool:
        """Whether the object is there with this size in bytes and this sha256, 64 hexadecimal digits."""
        with _reached():
            try:
                head = self._s3().head_object(Bucket=self._bucket, Key=key)
            except ClientError as error:
                if error_code(error) in ABSENT:
                    return False
                raise
        return bool(head["ContentLength"] == size and head["Metadata"].get("sha256") == digest)

    def upload(self, path: Path, key: str, digest: str, passed: Passed = lambda _: None) -> None:
        """Write a file; the store compares what arrives with its sha256.

        Raises:
            FileAltered: the file is not what it was.
        """
        checksum = base64.b64encode(bytes.fromhex(digest)).decode()
        with path.open("rb") as file:
            # Before it is sent: an endpoint that knows no checksums would take it as it is.
            if hashlib.file_digest(file, "sha256").hexdigest() != digest:
                raise FileAltered(f"{path} is not the file that its manifest lists")
            file.seek(0)
            with _reached():
                self._s3().put_object(
                    Bucket=self._bucket,
                    Key=key,
                    Body=_Told(file, passed),
                    ContentLength=path.stat().st_size,
                    ChecksumSHA256=checksum,
                    Metadata={"sha256": digest},
                )

    def read(self, key: str) -> bytes | None:
        """A small object's bytes, None when there is none."""
        with _reached():
            try:
                data: bytes = self._s3().get_object(Bucket=self._bucket, Key=key)["Body"].read()
            except ClientError as error:
                if error_code(error) in ABSENT:
                    return None
                raise
        return data

    def download(self, key: str, path: Path, digest: str) -> None:
        """Write the object to a file, and nothing that is not meant: its sha256 is taken as it streams.

        Raises:
            FileAltered: the object is another, or not there; the file holds what came.
        """
        with _reached():
            try:
                body = self._s3().get_object(Bucket=self._bucket, Key=key)["Body"]
            except ClientError as error:
                if error_code(error) in ABSENT:
                    raise FileAltered(f"{key} is not in the bucket") from error
                raise
            found = _written(body.iter_chunks(CHUNK), path)
        if found != digest:
            raise FileAltered(f"{key} in the bucket differs from its sha256")


class _Told:
    """A file that tells how much of it was read; seekable, for botocore may begin again."""

    def __init__(self, file: BinaryIO, passed: Passed) -> None:
        self._file = file
        self._passed = passed
        self._most = 0

    def read(self, size: int = -1) -> bytes:
        data = self._file.read(size)
        at = self._file.tell()
        self._passed(max(0, at - self._most))
        self._most = max(self._most, at)
        return data

    def seek(self, offset: int, whence: int = 0) -> int:
        return self._file.seek(offset, whence)

    def tell(self) -> int:
        return self._file.tell()

    def __iter__(self) -> Iterator[bytes]:
        return iter(lambda: self.read(CHUNK), b"")


def _written(chunks: Any, path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("wb") as file:
        for chunk in chunks:
            digest.update(chunk)
            file.write(chunk)
    return digest.hexdigest()


@contextmanager
def _reached() -> Iterator[None]:
    try:
        yield
    except ClientError as error:
        said = None if is_outage(error) else f"The store refuses: {error_code(error)}."
        raise QueueUnavailable(said) from error
    except (BotoCoreError, HTTPError) as error:
        raise QueueUnavailable from error
