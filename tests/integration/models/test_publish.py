"""A bundle on its way into a real bucket: what breaks off leaves what serves alone, and is gone on with."""

import hashlib
import json
import os

import boto3
import pytest
from typer.testing import CliRunner

from cli.models import app
from tests import named_bundle
from tests.integration.models.vanishing import gone_after
from tests.servers import storage
from tests.service import BUCKET

LARGE = 40_000_000  # bytes of the file at which the store goes


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    with storage(tmp_path_factory.mktemp("publish") / "s3") as server:
        s3_of(server.url).create_bucket(Bucket=BUCKET)
        yield server


@pytest.fixture
def s3(store):
    return s3_of(store.url)


@pytest.fixture
def publish(store, tmp_path, monkeypatch):
    """Runs the command on that bucket, as on AWS: no service runs on this machine."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    monkeypatch.setenv("CLASSIFYCLOUD_MODELS", str(tmp_path / "folder"))

    def run(*arguments: object, url: str = store.url, command: str = "publish"):
        monkeypatch.setenv("AWS_ENDPOINT_URL_S3", url)
        return CliRunner().invoke(app, [command, *map(str, arguments)])

    return run


def s3_of(url):
    return boto3.client(
        "s3",
        endpoint_url=url,
        region_name="us-east-1",
        aws_access_key_id="test",
        aws_secret_access_key="test",
    )


def index(s3) -> dict:
    return json.loads(s3.get_object(Bucket=BUCKET, Key="models/index.json")["Body"].read())


def keys(s3, prefix: str) -> list[str]:
    rows = s3.list_objects_v2(Bucket=BUCKET, Prefix=prefix).get("Contents", [])
    return [row["Key"].removeprefix(prefix) for row in rows]


def test_all_of_a_bundle_arrives_as_it_is(publish, s3, tmp_path):
    folder = named_bundle.write(tmp_path, "whole", "1")
    done = publish(folder, "--default")
    assert done.exit_code == 0, done.stderr
    assert "whole 1 is in bucket classifycloud" in done.stdout
    for path in folder.iterdir():
        body = s3.get_object(Bucket=BUCKET, Key=f"models/whole/1/{path.name}")["Body"]
        assert body.read() == path.read_bytes()
    found, digest = index(s3), hashlib.sha256((folder / "manifest.json").read_bytes()).hexdigest()
    assert found["default"] == "whole"
    assert found["models"]["whole"]["versions"] == {"1": digest}
    assert found["models"]["whole"]["default"] == "1"


def test_a_store_that_goes_half_way_leaves_what_serves_and_is_gone_on_with(
    publish, store, s3, tmp_path
):
    assert publish(named_bundle.write(tmp_path, "half", "1")).exit_code == 0
    before = index(s3)
    folder = named_bundle.write(tmp_path, "half", "2")
    (folder / "notes.bin").write_bytes(os.urandom(LARGE))
    (folder / "labels.json").unlink()
    (folder / "manifest.json").unlink()
    named_bundle.sealed(folder)
    with gone_after(store.url, 2) as url:
        broken = publish(folder, url=url)
    assert broken.exit_code == 1
    assert "could not be stored" in broken.stderr
    assert "Nothing that is in service has changed" in broken.stderr
    assert any(name in broken.stderr for name in ("model.bin", "model.xml", "notes.bin"))
    assert index(s3) == before
    stored = keys(s3, "models/half/2/")
    assert "manifest.json" not in stored
    assert len(stored) in (1, 2)
    written = [
        s3.head_object(Bucket=BUCKET, Key=f"models/half/2/{name}")["LastModified"]
        for name in stored
    ]
    again = publish(folder)
    assert again.exit_code == 0, again.stderr
    assert index(s3)["models"]["half"]["default"] == "2"
    assert written == [
        s3.head_object(Bucket=BUCKET, Key=f"models/half/2/{name}")["LastModified"]
        for name in stored
    ]


def test_other_content_under_a_published_version_is_refused(publish, s3, tmp_path):
    assert publish(named_bundle.write(tmp_path / "a", "same", "1")).exit_code == 0
    before = index(s3)
    refused = publish(named_bundle.write(tmp_path / "b", "same", "1", named_bundle.slow))
    assert refused.exit_code == 1
    assert "same 1 is in the bucket with other content" in refused.stderr
    assert index(s3) == before


@pytest.mark.parametrize("file", ["model.bin", "labels.json", "manifest.json"])
def test_a_damaged_bundle_is_refused_by_the_files_name(publish, s3, tmp_path, file):
    folder = named_bundle.write(tmp_path, "damaged", "1")
    (folder / file).write_bytes(b"x")
    refused = publish(folder)
    assert refused.exit_code == 1
    assert file in refused.stderr
    assert keys(s3, "models/damaged/") == []


def test_a_canary_needs_a_version_beside_it_and_a_share(publish, s3, tmp_path):
    folder = named_bundle.write(tmp_path, "alone", "1")
    refused = publish(folder, "--canary", "10%")
    assert refused.exit_code == 1
    assert "No version of alone is in service" in refused.stderr
    assert keys(s3, "models/alone/") == []
    for share in ("0%", "51%", "many"):
        assert publish(folder, "--canary", share).exit_code == 2
    named_bundle.write(tmp_path / "folder", "alone", "0")
    assert publish(folder, "--canary", "10%").exit_code == 0
    canary = index(s3)["models"]["alone"]["canary"]
    assert (canary["version"], canary["share"]) == ("1", 0.1)
    assert publish("alone", command="promote").exit_code == 0
    line = index(s3)["models"]["alone"]
    assert (line["default"], line["former"], "canary" in line) == ("1", "0", False)
    assert publish("alone", command="rollback").exit_code == 0
    assert index(s3)["models"]["alone"]["default"] == "0"


def test_without_a_store_the_command_says_so(publish, tmp_path):
    folder = named_bundle.write(tmp_path, "nowhere", "1")
    failed = publish(folder, url="http://127.0.0.1:9")
    assert failed.exit_code == 1
    assert "cannot be reached" in failed.stderr
    assert "Traceback" not in failed.stderr
