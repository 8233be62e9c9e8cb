"""The bucket that `deploy` keeps templates and sources in, and the emptying of any bucket."""

from collections.abc import Iterator
from typing import Any

from botocore.exceptions import ClientError

from deploy import naming
from deploy.account import Account
from deploy.errors import DeployError, code, told

HOUR = 3600
ABSENT = frozenset({"404", "NoSuchBucket", "NotFound"})
AT_ONCE = 1000  # objects of one DeleteObjects


class Depot:
    """The bucket of one account and region."""

    def __init__(self, account: Account) -> None:
        self._account = account
        self.name = naming.depot(account.identity.account, account.region)

    def ensure(self) -> bool:
        """Make it where it is missing, encrypted and private; whether it was."""
        if exists(self._account, self.name):
            return False
        s3, region = self._account.client("s3"), self._account.region
        where = {} if region == "us-east-1" else {"LocationConstraint": region}
        given = {"CreateBucketConfiguration": where} if where else {}
        with told(f"The bucket {self.name} cannot be made"):
            s3.create_bucket(Bucket=self.name, **given)
            s3.put_public_access_block(
                Bucket=self.name,
                PublicAccessBlockConfiguration=dict.fromkeys(
                    (
                        "BlockPublicAcls",
                        "IgnorePublicAcls",
                        "BlockPublicPolicy",
                        "RestrictPublicBuckets",
                    ),
                    True,
                ),
            )
        return True

    def put(self, key: str, data: bytes) -> None:
        with told(f"s3://{self.name}/{key} cannot be written"):
            self._account.client("s3").put_object(
                Bucket=self.name, Key=key, Body=data, **_own(self._account)
            )

    def has(self, key: str) -> bool:
        with told(f"s3://{self.name}/{key} cannot be looked at"):
            try:
                self._account.client("s3").head_object(
                    Bucket=self.name, Key=key, **_own(self._account)
                )
            except ClientError as error:
                if code(error) in {"404", "NoSuchKey", "NoSuchBucket", "NotFound"}:
                    return False
                raise
        return True

    def url(self, key: str) -> str:
        """Where CloudFormation reads an object, with the permissions of who calls it."""
        account = self._account
        return f"https://{self.name}.s3.{account.region}.{account.suffix}/{key}"

    def signed(self, key: str, method: str, seconds: int = HOUR) -> str:
        """A URL that does this (`get_object`, `put_object`) to an object without credentials, for a while."""
        given = {"Bucket": self.name, "Key": key}
        s3 = self._account.s3_of_urls
        return str(s3.generate_presigned_url(method, Params=given, ExpiresIn=seconds))

    def keys(self, prefix: str = "") -> list[str]:
        """What lies there; nothing where there is no bucket."""
        if not exists(self._account, self.name):
            return []
        pages = self._account.client("s3").get_paginator("list_objects_v2")
        found = pages.paginate(Bucket=self.name, Prefix=prefix)
        return [row["Key"] for page in found for row in page.get("Contents", [])]


def exists(account: Account, bucket: str) -> bool:
    """Whether the account has this bucket.

    Raises:
        DeployError: somebody else has it, or it may not be looked at. Names of buckets are the whole world's.
    """
    try:
        account.client("s3").head_bucket(Bucket=bucket, **_own(account))
    except ClientError as error:
        if code(error) in ABSENT:
            return False
        if code(error) in {"403", "AccessDenied"}:
            raise DeployError(
                f"The bucket {bucket} is another account's, or you may not look at it.\n"
                f"Ask whoever manages account {account.identity.account} which; if it is another's, "
                "use another region or account."
            ) from error
        with told(f"The bucket {bucket} cannot be looked at"):
            raise
    return True


def empty(account: Account, bucket: str, prefix: str = "") -> Iterator[int]:
    """Remove all objects, old versions and half uploads too; yields how many so far."""
    s3, count = account.client("s3"), 0
    with told(f"The bucket {bucket} cannot be emptied"):
        for page in s3.get_paginator("list_object_versions").paginate(Bucket=bucket, Prefix=prefix):
            rows = [*page.get("Versions", []), *page.get("DeleteMarkers", [])]
            for at in range(0, len(rows), AT_ONCE):
                _delete(s3, bucket, rows[at : at + AT_ONCE])
                count += len(rows[at : at + AT_ONCE])
                yield count


def remove(account: Account, bucket: str) -> None:
    """Remove an empty bucket."""
    with told(f"The bucket {bucket} cannot be removed"):
        account.client("s3").delete_bucket(Bucket=bucket)


def _own(account: Account) -> dict[str, str]:
    """For any request: S3 refuses it where the bucket is another account's."""
    return {"ExpectedBucketOwner": account.identity.account}


def _delete(s3: Any, bucket: str, rows: list[dict[str, Any]]) -> None:
    named = [{"Key": row["Key"], "VersionId": row["VersionId"]} for row in rows]
    s3.delete_objects(Bucket=bucket, Delete={"Objects": named, "Quiet": True})
