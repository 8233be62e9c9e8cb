"""Bundles of the bucket on disk: whole or not there, once for all workers of a machine."""

import hashlib
import json
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from classifier.errors import BundleBroken
from wire.errors import QueueUnavailable
from wire.files import FileAltered
from worker.shelf.cache import BundleCache, CacheUnusable

FILES = {
    "model.xml": b"<net/>",
    "model.bin": b"\0" * 5000,
    "labels.json": b"[]",
    "model.keras": b"k",
}


class Bucket:
    """The files of one bundle; satisfies `worker.shelf.cache.Files`."""

    def __init__(self, files: dict[str, bytes], **other: object) -> None:
        manifest = {
            "name": "net",
            "version": "1",
            "architecture": "none",
            "precision": "f32",
            "parameters": 0,
            "classes": 1,
            "preprocessing": {"side": 8},
            "files": {name: hashlib.sha256(data).hexdigest() for name, data in files.items()},
            "license": "none",
        }
        text = json.dumps(manifest | other).encode()
        self.digest = hashlib.sha256(text).hexdigest()
        self.objects = {f"models/net/1/{name}": data for name, data in files.items()}
        self.objects["models/net/1/manifest.json"] = text
        self.asked: list[str] = []
        self.faults: dict[str, list[Exception]] = {}
        self._lock = threading.Lock()

    def read(self, key):
        self._ask(key)
        return self.objects.get(key)

    def download(self, key, path, digest):
        self._ask(key)
        data = self.objects.get(key, b"")
        path.write_bytes(data)
        if hashlib.sha256(data).hexdigest() != digest:
            raise FileAltered(f"{key} in the bucket differs from its sha256")

    def _ask(self, key):
        with self._lock:
            self.asked.append(key.rsplit("/", 1)[-1])
        if self.faults.get(key.rsplit("/", 1)[-1]):
            raise self.faults[key.rsplit("/", 1)[-1]].pop()


def test_a_bundle_comes_whole_and_once(tmp_path):
    bucket = Bucket(FILES)
    folder = BundleCache(bucket, tmp_path).get("net", "1", bucket.digest)
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == {
        name.rsplit("/", 1)[-1]: data
        for name, data in bucket.objects.items()
        if not name.endswith(".keras")
    }
    assert BundleCache(bucket, tmp_path).get("net", "1", bucket.digest) == folder
    assert len(bucket.asked) == 4


@pytest.mark.parametrize("more", [{}, {"layers.json": b"[]", "layers.bin": b"x"}])
def test_the_keras_network_comes_where_it_is_read(tmp_path, more):
    bucket = Bucket(FILES | more)
    folder = BundleCache(bucket, tmp_path, whole=not more).get("net", "1", bucket.digest)
    assert (folder / "model.keras").is_file()


def test_many_at_once_fetch_it_once(tmp_path):
    bucket = Bucket(FILES)
    with ThreadPoolExecutor(8) as pool:
        caches = [BundleCache(bucket, tmp_path) for _ in range(8)]
        found = list(pool.map(lambda cache: cache.get("net", "1", bucket.digest), caches))
    assert len(set(found)) == 1
    assert sorted(bucket.asked) == ["labels.json", "manifest.json", "model.bin", "model.xml"]


def test_what_breaks_off_goes_on_where_it_was(tmp_path):
    bucket = Bucket(FILES)
    bucket.faults = {"model.bin": [QueueUnavailable()]}
    cache = BundleCache(bucket, tmp_path)
    with pytest.raises(QueueUnavailable):
        cache.get("net", "1", bucket.digest)
    assert not any(path.name == "manifest.json" for path in tmp_path.rglob("*"))
    cache.get("net", "1", bucket.digest)
    fetched = [name for name in bucket.asked if name != "manifest.json"]
    assert fetched.count("model.xml") == 1
    assert fetched.count("model.bin") == 2


def test_a_half_file_of_one_that_was_killed_is_not_taken(tmp_path):
    bucket = Bucket(FILES)
    partial = tmp_path / "net" / "1" / f"{bucket.digest[:16]}.partial"
    partial.mkdir(parents=True)
    (partial / "model.bin").write_bytes(FILES["model.bin"][:100])
    folder = BundleCache(bucket, tmp_path).get("net", "1", bucket.digest)
    assert (folder / "model.bin").read_bytes() == FILES["model.bin"]


@pytest.mark.parametrize("name", ["model.bin", "manifest.json"])
def test_what_was_altered_in_the_bucket_is_refused_by_name(tmp_path, name):
    bucket = Bucket(FILES)
    bucket.objects[f"models/net/1/{name}"] = b"{}"
    with pytest.raises(BundleBroken, match=name):
        BundleCache(bucket, tmp_path).get("net", "1", bucket.digest)
    assert not (tmp_path / "net" / "1" / bucket.digest[:16]).exists()


def test_a_bundle_under_anothers_name_is_refused(tmp_path):
    bucket = Bucket(FILES, name="other")
    with pytest.raises(BundleBroken, match="says of itself that it is other 1"):
        BundleCache(bucket, tmp_path).get("net", "1", bucket.digest)


def test_damage_on_the_disk_is_no_fault_of_the_bundles(tmp_path):
    bucket = Bucket(FILES)
    cache = BundleCache(bucket, tmp_path)
    folder = cache.get("net", "1", bucket.digest)
    assert not cache.mend("net", "1", bucket.digest)
    (folder / "model.bin").write_bytes(b"power was lost")
    assert cache.mend("net", "1", bucket.digest)
    assert (cache.get("net", "1", bucket.digest) / "model.bin").read_bytes() == FILES["model.bin"]
    (folder / "manifest.json").unlink()
    assert cache.mend("net", "1", bucket.digest)


def test_a_folder_that_cannot_be_written_says_nothing_of_the_bundle(tmp_path):
    (tmp_path / "net").write_text("in the way")
    bucket = Bucket(FILES)
    with pytest.raises(CacheUnusable, match="cannot be written"):
        BundleCache(bucket, tmp_path).get("net", "1", bucket.digest)
