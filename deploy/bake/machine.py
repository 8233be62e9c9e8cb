"""The instance that becomes an image: launched, waited for, ended. It ends itself where nobody comes back."""

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

from deploy import naming
from deploy.account import Account
from deploy.bake import starter
from deploy.errors import DeployError, code, told

MINUTES = 60  # that a bake may take; then the instance powers off, which terminates it
BASE = "/aws/service/debian/release/12/latest/amd64"
EVERY = 3.0  # seconds between looks
SETTLING = 60.0  # seconds that a new instance profile may take to be known everywhere


@dataclass(frozen=True, slots=True)
class Bench:
    """What to launch. `image` is None for the newest Debian 12, `subnet` None for the default one."""

    kind: str
    image: str | None = None
    subnet: str | None = None


@dataclass(frozen=True, slots=True)
class Running:
    """The machine of a bake. `name` is also its role's, `launched` seconds since 1970."""

    id: str
    name: str
    starter: str
    launched: float


def base_image(account: Account) -> str:
    """The newest Debian 12.

    Raises:
        DeployError: nobody says which that is.
    """
    try:
        with told("The newest Debian image cannot be looked up"):
            said = account.client("ssm").get_parameter(Name=BASE)
    except DeployError as error:
        raise DeployError(f"{error}\nName an image of Debian 12: --base-image ami-…") from error
    return str(said["Parameter"]["Value"])


def launch(account: Account, bench: Bench, name: str, user_data: str) -> str:
    """Its id."""
    request: dict[str, Any] = {
        "ImageId": bench.image or base_image(account),
        "InstanceType": bench.kind,
        "MinCount": 1,
        "MaxCount": 1,
        "UserData": user_data,
        "IamInstanceProfile": {"Name": name},
        "InstanceInitiatedShutdownBehavior": "terminate",
        "MetadataOptions": {"HttpTokens": "required", "HttpPutResponseHopLimit": 1},
        "TagSpecifications": [
            {
                "ResourceType": kind,
                "Tags": [
                    {"Key": "Name", "Value": name},
                    {"Key": naming.ROLE_TAG, "Value": "bake"},
                    {"Key": starter.TAG, "Value": starter.here()},
                ],
            }
            for kind in ("instance", "volume")
        ],
    }
    if bench.subnet is not None:
        request["SubnetId"] = bench.subnet
    with told("The instance for the image cannot be launched"):
        said = _launched(account.client("ec2").run_instances, request)
    return str(said["Instances"][0]["InstanceId"])


def living(account: Account, name: str = "*") -> list[Running]:
    """The machines of this bake, or of all in the region, that have not ended."""
    baking = [
        {"Name": "tag:Name", "Values": [name]},
        {"Name": f"tag:{naming.ROLE_TAG}", "Values": ["bake"]},
        {"Name": "instance-state-name", "Values": ["pending", "running", "stopping", "stopped"]},
    ]
    with told("The instances of bakes cannot be listed"):
        pages = account.client("ec2").get_paginator("describe_instances").paginate(Filters=baking)
        return [_running(each) for each in _instances(pages)]


def terminate(account: Account, machines: Sequence[Running]) -> None:
    if machines:
        with told("The instance of the bake cannot be ended"):
            ids = [each.id for each in machines]
            account.client("ec2").terminate_instances(InstanceIds=ids)


def end(account: Account, name: str) -> None:
    """Terminate every machine of this bake."""
    terminate(account, living(account, name))


def until_running(account: Account, instance: str, every: float = EVERY) -> None:
    """Wait for the instance to run; DeployError where it ends instead."""
    while True:
        said = account.client("ec2").describe_instances(InstanceIds=[instance])
        state = next(_instances([said]))["State"]["Name"]
        if state == "running":
            return
        if state != "pending":
            raise DeployError(
                f"The instance {instance} of the bake is {state}.\nRun the command again."
            )
        time.sleep(every)


def _launched(call: Callable[..., Any], request: dict[str, Any]) -> Any:
    over = time.monotonic() + SETTLING
    while True:
        try:
            return call(**request)
        except ClientError as error:
            unknown = code(error) == "InvalidParameterValue" and "Profile" in str(error)
            if not unknown or time.monotonic() > over:
                raise
        time.sleep(EVERY)


def _instances(pages: Iterable[Any]) -> Any:
    return (each for page in pages for row in page["Reservations"] for each in row["Instances"])


def _running(row: dict[str, Any]) -> Running:
    tags = {tag["Key"]: tag["Value"] for tag in row["Tags"]}
    began, launched = tags.get(starter.TAG, ""), row["LaunchTime"].timestamp()
    return Running(row["InstanceId"], tags["Name"], began, launched)
