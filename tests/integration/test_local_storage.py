"""boto3 against a real `python -m local.storage`: what the service needs of S3 and CloudWatch."""

import datetime
import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from tests.servers import Server, storage

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

ACCESS = {
    "region_name": "us-east-1",
    "aws_access_key_id": "local",
    "aws_secret_access_key": "local",
}


def connect(server: Server) -> "S3Client":
    config = Config(retries={"total_max_attempts": 1}, s3={"addressing_style": "path"})
    return boto3.client("s3", endpoint_url=server.url, config=config, **ACCESS)


def test_a_kill_under_load_loses_no_acknowledged_object(tmp_path: Path) -> None:
    with storage(tmp_path / "data") as server:
        client = connect(server)
        client.create_bucket(Bucket="results")
        acknowledged: list[int] = []

        def put_until_gone() -> None:
            while True:
                serial = len(acknowledged)
                try:
                    client.put_object(
                        Bucket="results",
                        Key=f"results/{serial}.json",
                        Body=b"%d" % serial * 100,
                        ContentType="application/json",
                    )
                except (BotoCoreError, ClientError):
                    return
                acknowledged.append(serial)

        putter = threading.Thread(target=put_until_gone)
        putter.start()
        time.sleep(1.5)
        server.kill()
        putter.join(20)
        server.restart()
        assert len(acknowledged) > 20
        client = connect(server)
        for serial in acknowledged:
            found = client.get_object(Bucket="results", Key=f"results/{serial}.json")
            assert found["Body"].read() == b"%d" % serial * 100
            assert found["ContentType"] == "application/json"


def test_a_conditional_put_has_one_winner_also_after_a_kill(tmp_path: Path) -> None:
    with storage(tmp_path / "data") as server:
        client = connect(server)
        client.create_bucket(Bucket="results")

        def claim(number: int) -> int:
            try:
                put = client.put_object(
                    Bucket="results", Key="claim", Body=b"%d" % number, IfNoneMatch="*"
                )
            except ClientError as refused:
                return int(refused.response["ResponseMetadata"]["HTTPStatusCode"])
            return put["ResponseMetadata"]["HTTPStatusCode"]

        with ThreadPoolExecutor(8) as pool:
            statuses = list(pool.map(claim, range(24)))
        assert statuses.count(200) == 1
        assert set(statuses) <= {200, 409, 412}
        server.kill()
        server.restart()
        with pytest.raises(ClientError, match="PreconditionFailed"):
            client.put_object(Bucket="results", Key="claim", Body=b"late", IfNoneMatch="*")
        tag = client.head_object(Bucket="results", Key="claim")["ETag"]
        client.put_object(Bucket="results", Key="claim", Body=b"next", IfMatch=tag)
        with pytest.raises(ClientError, match="PreconditionFailed"):
            client.put_object(Bucket="results", Key="claim", Body=b"late", IfMatch=tag)
        assert client.get_object(Bucket="results", Key="claim")["Body"].read() == b"next"


def test_listing_and_deleting_survive_a_stop(tmp_path: Path) -> None:
    with storage(tmp_path / "data") as server:
        client = connect(server)
        client.create_bucket(Bucket="results")
        for key in ("a/1", "a/2", "a/b/3", "c", "c/4", "gone"):
            client.put_object(Bucket="results", Key=key, Body=key.encode())
        client.delete_object(Bucket="results", Key="gone")
        assert server.stop() == 0
        server.restart()
        client = connect(server)
        pages = client.get_paginator("list_objects_v2").paginate(
            Bucket="results", PaginationConfig={"PageSize": 2}
        )
        keys = [item["Key"] for page in pages for item in page.get("Contents", [])]
        assert keys == ["a/1", "a/2", "a/b/3", "c", "c/4"]
        folders = client.list_objects_v2(Bucket="results", Delimiter="/")
        assert [prefix["Prefix"] for prefix in folders["CommonPrefixes"]] == ["a/", "c/"]
        with pytest.raises(client.exceptions.NoSuchKey):
            client.get_object(Bucket="results", Key="gone")


def test_a_bucket_can_be_created_again_after_a_kill(tmp_path: Path) -> None:
    with storage(tmp_path / "data") as server:
        client = connect(server)
        client.create_bucket(Bucket="results")
        server.kill()
        server.restart()
        client.create_bucket(Bucket="results")
        client.put_object(Bucket="results", Key="k", Body=b"v")
        client.create_bucket(Bucket="results")
        assert client.get_object(Bucket="results", Key="k")["Body"].read() == b"v"


def test_metrics_come_back(tmp_path: Path) -> None:
    with storage(tmp_path / "data") as server:
        client = boto3.client("cloudwatch", endpoint_url=server.url, **ACCESS)
        for value in (1.0, 2.0, 6.0):
            client.put_metric_data(
                Namespace="ClassifyCloud",
                MetricData=[{"MetricName": "Workers", "Value": value, "Unit": "Count"}],
            )
        now = datetime.datetime.now(datetime.UTC)
        points = client.get_metric_statistics(
            Namespace="ClassifyCloud",
            MetricName="Workers",
            StartTime=now - datetime.timedelta(minutes=5),
            EndTime=now + datetime.timedelta(minutes=5),
            Period=600,
            Statistics=["Sum", "Maximum"],
        )["Datapoints"]
        assert sum(point["Sum"] for point in points) == 9.0
        assert max(point["Maximum"] for point in points) == 6.0


def test_only_loopback_is_served(tmp_path: Path) -> None:
    with storage(tmp_path / "data") as server:
        port = int(server.url.rpartition(":")[2])
        with socket.socket() as other:
            # Would be refused if the server had taken the port on every address.
            other.bind(("127.0.0.2", port))


def test_metrics_are_forgotten_by_the_constant_that_storage_sets() -> None:
    from ministack.services import cloudwatch

    assert cloudwatch.TWO_WEEKS_SECONDS == 14 * 24 * 3600
