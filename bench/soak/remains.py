"""What the service has kept when all is over: records, results, what is left in its queues."""

import json
from collections.abc import Iterator
from typing import Any

import boto3

BUCKET = "classifycloud"
ACCESS = {
    "region_name": "us-east-1",
    "aws_access_key_id": "local",
    "aws_secret_access_key": "local",
}
DEPTHS = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
DELAYED = "ApproximateNumberOfMessagesDelayed"
# Reports and terminate messages are never emptied: they expire within a minute.
EPHEMERAL = ("-reports", "-terminate")


def records(storage: str) -> list[dict[str, Any]]:
    """Every line of every object of records. `storage` is the store's URL."""
    return [
        json.loads(line) for body in _objects(storage, "records/") for line in body.splitlines()
    ]


def results(storage: str) -> list[dict[str, Any]]:
    """Every answer that is kept by its id."""
    return [json.loads(body) for body in _objects(storage, "results/")]


def left(queues: str) -> dict[str, int]:
    """Messages in each queue that holds any, by its name; `queues` is their URL."""
    sqs = boto3.client("sqs", endpoint_url=queues, **ACCESS)  # type: ignore[call-overload]
    found = {}
    for url in sqs.list_queues().get("QueueUrls", []):
        name = url.rsplit("/", 1)[-1]
        if name.endswith(EPHEMERAL):
            continue
        names = [*DEPTHS, DELAYED]
        try:
            depth = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=names)["Attributes"]
        except sqs.exceptions.QueueDoesNotExist:
            continue  # of a replica that stopped; it was removed since it was listed
        if count := sum(int(depth[name]) for name in names):
            found[name] = count
    return found


def _objects(storage: str, prefix: str) -> Iterator[bytes]:
    s3 = boto3.client("s3", endpoint_url=storage, **ACCESS)  # type: ignore[call-overload]
    for page in s3.get_paginator("list_objects_v2").paginate(Bucket=BUCKET, Prefix=prefix):
        for row in page.get("Contents", []):
            yield s3.get_object(Bucket=BUCKET, Key=row["Key"])["Body"].read()
