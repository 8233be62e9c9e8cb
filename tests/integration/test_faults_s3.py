"""The storage with one fault at a time: what it does to a bare client, and that ours survives it."""

import uuid

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from tests.faults import Faults
from tests.servers import storage
from wire.aws import Aws
from wire.errors import QueueUnavailable
from wire.store import S3Store

BUCKET = "faulty"
BEFORE = ["throttle", "error", "unavailable"]
AFTER = ["lost", "lost_500", "cut"]


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with storage(tmp_path_factory.mktemp("storage"), "--faults", "{}") as running:
        yield running


@pytest.fixture
def faults(server):
    return Faults(server.url, "s3")


@pytest.fixture(scope="module")
def bare(server):
    """boto3 without its retries."""
    client = boto3.client(
        "s3",
        endpoint_url=server.url,
        region_name="us-east-1",
        aws_access_key_id="local",
        aws_secret_access_key="local",
        config=Config(retries={"total_max_attempts": 1}),
    )
    client.create_bucket(Bucket=BUCKET)
    return client


@pytest.fixture
async def store(server, bare, monkeypatch):
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", server.url)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    aws = Aws("us-east-1")
    yield S3Store(aws, BUCKET)
    await aws.close()


@pytest.fixture
def key():
    return f"results/{uuid.uuid4().hex}.json"


def once(fault, action):
    return {"fault": fault, "share": 1, "limit": 1, "on": [action]}


@pytest.mark.parametrize(
    ("fault", "status", "code"),
    [
        ("throttle", 503, "SlowDown"),
        ("error", 500, "InternalError"),
        ("unavailable", 503, "ServiceUnavailable"),
        ("conflict", 409, "ConditionalRequestConflict"),
    ],
)
def test_what_is_refused_took_no_effect(bare, faults, key, fault, status, code):
    with faults.on(once(fault, "PutObject")), pytest.raises(ClientError) as refusal:
        bare.put_object(Bucket=BUCKET, Key=key, Body=b"x", IfNoneMatch="*")
    assert refusal.value.response["ResponseMetadata"]["HTTPStatusCode"] == status
    assert refusal.value.response["Error"]["Code"] == code
    assert "Contents" not in bare.list_objects_v2(Bucket=BUCKET, Prefix=key)


@pytest.mark.parametrize("fault", AFTER)
def test_what_lost_its_answer_took_effect(bare, faults, key, fault):
    with faults.on(once(fault, "PutObject")), pytest.raises((ClientError, BotoCoreError)):
        bare.put_object(Bucket=BUCKET, Key=key, Body=b"x")
    assert bare.get_object(Bucket=BUCKET, Key=key)["Body"].read() == b"x"


def test_writes_without_a_condition_meet_no_conflict(bare, faults, key):
    faults.replace({"fault": "conflict", "share": 1})
    bare.put_object(Bucket=BUCKET, Key=key, Body=b"x")
    assert faults.hits() == [0]
    faults.replace()


def test_metrics_are_spared(server, faults):
    cloudwatch = boto3.client(
        "cloudwatch",
        endpoint_url=server.url,
        region_name="us-east-1",
        aws_access_key_id="local",
        aws_secret_access_key="local",
    )
    faults.replace({"fault": "error", "share": 1})
    cloudwatch.put_metric_data(Namespace="n", MetricData=[{"MetricName": "m", "Value": 1}])
    assert faults.hits() == [0]
    faults.replace()


# Ours.


@pytest.mark.parametrize("fault", [*BEFORE, *AFTER])
async def test_a_write_gets_through(store, faults, key, fault):
    with faults.on(once(fault, "PutObject")):
        await store.put(key, b"x")
    assert await store.get(key) == b"x"


@pytest.mark.parametrize("fault", [*BEFORE, *AFTER, "conflict"])
async def test_a_new_object_is_known_as_ours_though_the_answer_was_lost(store, faults, key, fault):
    with faults.on(once(fault, "PutObject")):
        assert await store.put_new(key, b"ours") is True
    assert await store.put_new(key, b"ours") is False
    assert await store.get(key) == b"ours"


@pytest.mark.parametrize("fault", [*BEFORE, *AFTER, "conflict"])
async def test_what_is_there_is_not_taken_for_ours(store, faults, key, fault):
    await store.put(key, b"theirs")
    with faults.on(once(fault, "PutObject")):
        assert await store.put_new(key, b"ours") is False
    assert await store.get(key) == b"theirs"


@pytest.mark.parametrize("fault", [*BEFORE, *AFTER, "conflict"])
async def test_an_object_is_replaced_once(store, faults, key, fault):
    first = await store.replace(key, b"1", None)
    with faults.on(once(fault, "PutObject")):
        second = await store.replace(key, b"2", first)
    assert second is not None
    assert await store.replace(key, b"3", first) is None
    kept = await store.read(key)
    assert kept is not None
    assert (kept.data, kept.etag) == (b"2", second)


@pytest.mark.parametrize("fault", [*BEFORE, *AFTER])
async def test_an_object_is_read_whole(store, faults, key, fault):
    await store.put(key, b"0123456789" * 1000)
    with faults.on(once(fault, "GetObject")):
        assert await store.get(key) == b"0123456789" * 1000


@pytest.mark.parametrize("fault", [*BEFORE, *AFTER])
async def test_that_there_is_no_object_is_found_out(store, faults, key, fault):
    with faults.on(once(fault, "GetObject")):
        assert await store.get(key) is None


async def test_a_body_that_always_breaks_off_is_an_outage(store, faults, key):
    await store.put(key, b"0123456789")
    with (
        faults.on({"fault": "cut", "share": 1, "on": ["GetObject"]}),
        pytest.raises(QueueUnavailable),
    ):
        await store.get(key)


@pytest.mark.parametrize("fault", [*BEFORE, *AFTER])
async def test_objects_are_listed_and_removed(store, faults, key, fault):
    await store.put(key, b"x")
    with faults.on(once(fault, "ListObjectsV2"), once(fault, "DeleteObject")):
        assert await store.keys(key) == [key]
        await store.delete(key)
    assert await store.get(key) is None


async def test_endless_conflicts_are_an_outage(store, faults, key):
    with faults.on({"fault": "conflict", "share": 1}), pytest.raises(QueueUnavailable):
        await store.put_new(key, b"x")
    assert await store.get(key) is None
