"""The bucket at a replica's start."""

import pytest

from api import bucket
from wire.aws import Aws
from wire.store import S3Store


async def test_an_endpoint_that_cannot_be_used_is_named(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", "s3.local:9000")
    aws = Aws("us-east-1", polls=1, calls=1)
    try:
        await bucket.ensure(S3Store(aws, "pictures"), "us-east-1")
    finally:
        await aws.close()
    (record,) = caplog.records
    assert record.levelname == "ERROR"
    assert "AWS_ENDPOINT_URL_S3" in record.fields["error"]
    assert "s3.local:9000" in record.fields["error"]
