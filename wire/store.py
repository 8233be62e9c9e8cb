"""What is kept beyond a process: objects under keys. S3 here; the in-memory twin is `wire.memory`."""

from typing import Any, Protocol

from botocore.exceptions import ClientError

from wire.aws import Aws, error_code
from wire.errors import QueueUnavailable

CONFLICT_ATTEMPTS = 4


class Store(Protocol):
    """Objects under keys. Every call raises QueueUnavailable when the store cannot be reached."""

    async def put(self, key: str, data: bytes, content_type: str = "application/json") -> None:
        """Write the object, replacing one that is there."""

    async def put_new(self, key: str, data: bytes, content_type: str = "application/json") -> bool:
        """Write the object unless the key is taken; whether it was written by this call."""

    async def get(self, key: str) -> bytes | None:
        """The object's bytes, None when there is none."""

    async def delete(self, key: str) -> None:
        """Remove the object; nothing happens when there is none."""

    async def keys(self, prefix: str, limit: int = 1000) -> list[str]:
        """The first keys that begin with the prefix, in order."""


class S3Store:
    """A bucket; satisfies `Store`."""

    def __init__(self, aws: Aws, bucket: str) -> None:
        self._aws = aws
        self._s3 = aws.client("s3")
        self._bucket = bucket

    async def ensure_bucket(self, region: str) -> None:
        """Make the bucket where it is missing; an existing one is taken as it is."""
        place = {} if region == "us-east-1" else {"LocationConstraint": region}
        options: dict[str, Any] = {"CreateBucketConfiguration": place} if place else {}
        try:
            await self._aws.call(self._s3.create_bucket, Bucket=self._bucket, **options)
        except ClientError as error:
            if error_code(error) not in {"BucketAlreadyOwnedByYou", "BucketAlreadyExists"}:
                raise

    async def put(self, key: str, data: bytes, content_type: str = "application/json") -> None:
        await self._put(key, data, content_type)

    async def put_new(self, key: str, data: bytes, content_type: str = "application/json") -> bool:
        for _ in range(CONFLICT_ATTEMPTS):
            try:
                await self._put(key, data, content_type, IfNoneMatch="*")
            except ClientError as error:
                if error_code(error) == "PreconditionFailed":
                    return False
                # 409: another conditional write to this key was under way; S3 asks to try again.
                if error_code(error) != "ConditionalRequestConflict":
                    raise
            else:
                return True
        raise QueueUnavailable

    async def get(self, key: str) -> bytes | None:
        def read() -> bytes:
            return bytes(self._s3.get_object(Bucket=self._bucket, Key=key)["Body"].read())

        try:
            return await self._aws.call(read)
        except ClientError as error:
            if error_code(error) in {"NoSuchKey", "404"}:
                return None
            raise

    async def delete(self, key: str) -> None:
        await self._aws.call(self._s3.delete_object, Bucket=self._bucket, Key=key)

    async def keys(self, prefix: str, limit: int = 1000) -> list[str]:
        pages = self._s3.get_paginator("list_objects_v2").paginate(
            Bucket=self._bucket, Prefix=prefix, PaginationConfig={"MaxItems": limit}
        )
        return await self._aws.call(
            lambda: [row["Key"] for page in pages for row in page.get("Contents", [])]
        )

    async def _put(self, key: str, data: bytes, content_type: str, **condition: str) -> None:
        await self._aws.call(
            self._s3.put_object,
            Bucket=self._bucket,
            Key=key,
            Body=data,
            ContentType=content_type,
            **condition,
        )
