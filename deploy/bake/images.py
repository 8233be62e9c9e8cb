"""The images that were baked: found by what they were baked of."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from deploy import naming
from deploy.account import Account
from deploy.errors import told


@dataclass(frozen=True, slots=True)
class Image:
    """An image of this account. `state` is EC2's: pending, available, failed; `bake` is its maker's name."""

    id: str
    name: str
    state: str
    source: str
    snapshots: tuple[str, ...]
    made: str
    bake: str


def baked(account: Account) -> list[Image]:
    """All of them, the newest first."""
    with told("The account's images cannot be listed"):
        rows = account.client("ec2").describe_images(
            Owners=["self"], Filters=[{"Name": "tag-key", "Values": [naming.SOURCE_TAG]}]
        )["Images"]
    return sorted((_parsed(row) for row in rows), key=lambda image: image.made, reverse=True)


def of_source(account: Account, digest: str) -> Image | None:
    """The newest one of this source that is there or comes."""
    rows = [each for each in baked(account) if each.source == digest]
    return next((each for each in rows if each.state in {"available", "pending"}), None)


def forget(account: Account, image: Image) -> None:
    """Remove an image and what is stored of it."""
    ec2 = account.client("ec2")
    with told(f"The image {image.id} cannot be removed"):
        ec2.deregister_image(ImageId=image.id)
        for snapshot in image.snapshots:
            ec2.delete_snapshot(SnapshotId=snapshot)


def _parsed(row: dict[str, Any]) -> Image:
    tags = {each["Key"]: each["Value"] for each in row.get("Tags", [])}
    disks = [each.get("Ebs", {}) for each in row.get("BlockDeviceMappings", [])]
    made = row.get("CreationDate", "")
    return Image(
        row["ImageId"],
        row.get("Name", ""),
        row["State"],
        tags.get(naming.SOURCE_TAG, ""),
        tuple(disk["SnapshotId"] for disk in disks if disk.get("SnapshotId")),
        made.isoformat() if isinstance(made, datetime) else str(made),
        tags.get("Name", ""),
    )
