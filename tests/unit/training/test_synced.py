"""Fetching from S3 by several processes at once, and under a key of KMS, whose ETags are no checksums."""

import hashlib
import io
import threading

import pytest

pytest.importorskip("botocore")

from training.errors import FetchFailed
from training.lab import synced


class Body(io.BytesIO):
    def iter_chunks(self, size):
        while chunk := self.read(size):
            yield chunk


class Bucket:
    """S3's answers about some objects; `before` is called before each is fetched."""

    def __init__(self, objects, before=lambda: None, kms=False):
        self._objects = objects
        self._before = before
        self._said = {"ServerSideEncryption": "aws:kms"} if kms else {}
        self.fetched = []

    def etag(self, key):
        plain = hashlib.md5(self._objects[key]).hexdigest()
        return plain[::-1] if self._said else plain

    def get_paginator(self, _name):
        return self

    def paginate(self, **_asked):
        contents = [
            {"Key": key, "Size": len(body), "ETag": f'"{self.etag(key)}"'}
            for key, body in self._objects.items()
        ]
        return [{"Contents": contents}]

    def get_object(self, Bucket, Key, IfMatch, Range="bytes=0-"):  # noqa: N803
        self.fetched.append(Key)
        self._before()
        first = int(Range.removeprefix("bytes=").removesuffix("-"))
        return {"Body": Body(self._objects[Key][first:]), **self._said}

    def head_object(self, Bucket, Key, IfMatch):  # noqa: N803
        return self._said


OBJECTS = {"cat/1.jpg": b"one" * 100, "dog/2.jpg": b"two" * 100}


def held(folder):
    paths = (path for path in folder.rglob("*") if path.is_file() and path.name != synced.JOURNAL)
    return {str(path.relative_to(folder)): path.read_bytes() for path in paths}


def test_who_comes_second_waits_and_fetches_nothing(tmp_path):
    second = Bucket(OBJECTS)
    other = threading.Thread(target=synced.synced, args=("s3://b", tmp_path, second))
    begun = threading.Lock()

    def meanwhile():
        if begun.acquire(blocking=False):
            other.start()
            other.join(0.5)  # as long as it takes to do harm; it waits for longer

    first = Bucket(OBJECTS, meanwhile)
    folder = synced.synced("s3://b", tmp_path, first)
    other.join()
    assert (sorted(first.fetched), second.fetched) == (sorted(OBJECTS), [])
    assert held(folder) == OBJECTS


def test_an_empty_object_under_a_key_of_kms_is_fetched(tmp_path):
    objects = {**OBJECTS, "cat/nothing": b""}
    assert held(synced.synced("s3://b", tmp_path, Bucket(objects, kms=True))) == objects


def test_a_file_that_was_whole_before_a_kill_is_no_other_under_a_key_of_kms(tmp_path):
    s3 = Bucket(OBJECTS, kms=True)
    folder = synced.synced("s3://b", tmp_path, s3)
    path, etag = folder / "cat" / "1.jpg", s3.etag("cat/1.jpg")
    path.rename(path.with_name(f".1.jpg{synced.PARTIAL}{etag}"))
    again = Bucket(OBJECTS, kms=True)
    assert held(synced.synced("s3://b", tmp_path, again)) == OBJECTS
    assert again.fetched == []


@pytest.mark.parametrize("found", [b"x" * 300, b"x" * 301])
def test_a_whole_file_of_other_bytes_is_let_go_and_fetched_anew(tmp_path, found):
    folder = synced.synced("s3://b", tmp_path, s3 := Bucket(OBJECTS))
    path = folder / "cat" / "1.jpg"
    path.unlink()
    path.with_name(f".1.jpg{synced.PARTIAL}{s3.etag('cat/1.jpg')}").write_bytes(found)
    with pytest.raises(FetchFailed, match=r"cat/1\.jpg did not arrive"):
        synced.synced("s3://b", tmp_path, s3)
    assert held(synced.synced("s3://b", tmp_path, s3)) == OBJECTS
