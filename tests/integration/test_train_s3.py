"""Pictures out of S3: each is fetched once, S3 may go in between, and what arrives is what was meant."""

import boto3
import pytest
from botocore.config import Config

from tests.servers import storage
from training.errors import DataMissing, FetchFailed
from training.lab.synced import JOURNAL, PARTIAL, synced

BUCKET, COUNT = "pictures", 24
URL = f"s3://{BUCKET}/set"


def content(at):
    return bytes([at]) * 5000


@pytest.fixture
def server(tmp_path):
    with storage(tmp_path / "server") as running:
        yield running


@pytest.fixture
def s3(server):
    client = boto3.client(
        "s3",
        endpoint_url=server.url,
        region_name="us-east-1",
        aws_access_key_id="test",
        aws_secret_access_key="test",
        config=Config(retries={"total_max_attempts": 1}, connect_timeout=2, read_timeout=5),
    )
    client.create_bucket(Bucket=BUCKET)
    for at in range(COUNT):
        client.put_object(Bucket=BUCKET, Key=f"set/{'ab'[at % 2]}/{at}.jpg", Body=content(at))
    client.put_object(Bucket=BUCKET, Key="settings.json", Body=b"of another prefix")
    return client


class Counting:
    """The client, which counts what is fetched and does something before one of the fetches."""

    def __init__(self, s3, before=lambda count: None):
        self._s3 = s3
        self._before = before
        self.ranges = []

    def get_paginator(self, name):
        return self._s3.get_paginator(name)

    def get_object(self, **asked):
        self.ranges.append(asked.get("Range"))
        self._before(len(self.ranges))
        return self._s3.get_object(**asked)


def files(folder):
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and path.name != JOURNAL
    }


EXPECTED = {f"{'ab'[at % 2]}/{at}.jpg": content(at) for at in range(COUNT)}


def test_s3_that_goes_half_way_loses_nothing(server, s3, tmp_path):
    def go(count):
        if count == 15:
            server.kill()

    with pytest.raises(FetchFailed) as raised:
        synced(URL, tmp_path / "cache", Counting(s3, go))
    assert "files are here: the same command goes on behind them" in str(raised.value)
    (folder,) = (tmp_path / "cache" / "s3").iterdir()
    kept = {name for name in files(folder) if PARTIAL not in name}
    assert 0 < len(kept) < COUNT
    server.restart()
    second = Counting(s3)
    assert files(synced(URL, tmp_path / "cache", second)) == EXPECTED
    # A file that came after the last noted one may be fetched twice; none that is noted is.
    assert len(second.ranges) <= COUNT - int(str(raised.value).split(". ")[-1].split()[0])
    third = Counting(s3)
    synced(URL, tmp_path / "cache", third)
    assert third.ranges == []


def test_what_changed_is_fetched_again_and_what_went_goes(s3, tmp_path):
    folder = synced(URL, tmp_path, Counting(s3))
    s3.put_object(Bucket=BUCKET, Key="set/a/0.jpg", Body=b"another")
    s3.delete_object(Bucket=BUCKET, Key="set/b/1.jpg")
    (folder / "a" / "2.jpg").write_bytes(b"touched by somebody")
    again = Counting(s3)
    synced(URL, tmp_path, again)
    assert len(again.ranges) == 2
    expected = {**EXPECTED, "a/0.jpg": b"another"}
    del expected["b/1.jpg"]
    assert files(folder) == expected


@pytest.mark.parametrize("right", [True, False])
def test_a_half_fetched_file_goes_on_unless_it_is_another(s3, tmp_path, right):
    folder = synced(URL, tmp_path, Counting(s3))
    path = folder / "b" / "11.jpg"
    path.unlink()
    etag = s3.head_object(Bucket=BUCKET, Key="set/b/11.jpg")["ETag"].strip('"')
    partial = path.with_name(f".{path.name}{PARTIAL}{etag}")
    partial.write_bytes(content(11)[:3000] if right else b"x" * 3000)
    again = Counting(s3)
    if not right:
        with pytest.raises(FetchFailed, match=r"set/b/11\.jpg did not arrive as its ETag says"):
            synced(URL, tmp_path, again)
        assert not partial.exists()
    synced(URL, tmp_path, again)
    assert again.ranges == (["bytes=3000-"] if right else ["bytes=3000-", None])
    assert files(folder) == EXPECTED


def test_nothing_under_a_prefix_is_said(s3, tmp_path):
    with pytest.raises(DataMissing, match="s3://pictures/other holds no objects"):
        synced(f"s3://{BUCKET}/other", tmp_path, s3)


def test_a_bucket_that_is_not_there_is_said(s3, tmp_path):
    with pytest.raises(FetchFailed, match="S3 refuses"):
        synced("s3://no-such-bucket/x", tmp_path, s3)
