"""The records that the service kept: one line for every time that a picture was worked on."""

import json
from collections import Counter

import boto3

BUCKET = "classifycloud"


def worked(storage: str) -> Counter[str]:
    """How many records each job has, by its uuid. `storage` is the store's URL."""
    s3 = boto3.client(
        "s3",
        endpoint_url=storage,
        region_name="us-east-1",
        aws_access_key_id="local",
        aws_secret_access_key="local",
    )
    found: Counter[str] = Counter()
    for page in s3.get_paginator("list_objects_v2").paginate(Bucket=BUCKET, Prefix="records/"):
        for row in page.get("Contents", []):
            body = s3.get_object(Bucket=BUCKET, Key=row["Key"])["Body"].read()
            found.update(str(json.loads(line)["uuid"]) for line in body.splitlines())
    return found
