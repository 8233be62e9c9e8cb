"""The instance: launched, listed, terminated. It ends itself too: shutting down is terminating."""

import getpass
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from deploy import naming
from deploy.account import Account
from deploy.errors import told
from deploy.remote.name import DEADLINE_TAG, ROLE, RUN_TAG, STARTER_TAG, Run
from deploy.remote.place import Place
from deploy.remote.script import user_data

ALIVE = ("pending", "running", "stopping", "stopped")
PARAMETER = "resolve:ssm:"


@dataclass(frozen=True, slots=True)
class Machine:
    """An instance of a run. `launched` and `deadline`: seconds since 1970, UTC; 0 where no tag says it."""

    id: str
    run: str
    kind: str
    spot: bool
    state: str
    launched: float
    deadline: float
    starter: str


class Machines:
    """Those of one deployment."""

    def __init__(self, account: Account, deployment: str) -> None:
        self._account = account
        self._ec2 = account.client("ec2")
        self._deployment = deployment

    def launch(self, run: Run, place: Place, disk: int) -> Machine:
        """One instance for a run; asked twice it is the same one.

        Args:
            disk: gigabytes of its volume; more where the image needs more.

        Raises:
            DeployError: EC2 refuses: no capacity, no quota, an image that is not there.
        """
        image = self._image(place.image)
        market = {"MarketType": "spot", "SpotOptions": {"SpotInstanceType": "one-time"}}
        with told(f"EC2 launches no {run.kind}{' on spot' if run.spot else ''}"):
            said = self._ec2.run_instances(
                ClientToken=run.id,
                MinCount=1,
                MaxCount=1,
                ImageId=image["ImageId"],
                InstanceType=run.kind,
                IamInstanceProfile={"Name": place.profile},
                UserData=user_data(),
                InstanceInitiatedShutdownBehavior="terminate",
                MetadataOptions={"HttpTokens": "required", "HttpPutResponseHopLimit": 1},
                NetworkInterfaces=[
                    {
                        "DeviceIndex": 0,
                        "SubnetId": place.subnet,
                        "Groups": [place.group],
                        "AssociatePublicIpAddress": True,
                    }
                ],
                BlockDeviceMappings=_volume(image, disk),
                TagSpecifications=[
                    {"ResourceType": each, "Tags": self._tags(run)}
                    for each in ("instance", "volume")
                ],
                **({"InstanceMarketOptions": market} if run.spot else {}),
            )
        return _machine(said["Instances"][0])

    def of(self, run: str | None = None) -> list[Machine]:
        """Those that are not terminated; of one run, or of all."""
        wanted = {
            f"tag:{naming.TAG}": [self._deployment],
            f"tag:{naming.ROLE_TAG}": [ROLE],
            "instance-state-name": list(ALIVE),
        }
        if run is not None:
            wanted[f"tag:{RUN_TAG}"] = [run]
        return list(
            self._found([{"Name": name, "Values": values} for name, values in wanted.items()])
        )

    def terminate(self, run: str) -> list[str]:
        """End all of a run; the ids of those that lived."""
        ids = [each.id for each in self.of(run)]
        if ids:
            with told(f"EC2 does not terminate {', '.join(ids)}"):
                self._ec2.terminate_instances(InstanceIds=ids)
        return ids

    def _found(self, filters: list[dict[str, Any]]) -> Iterator[Machine]:
        with told("EC2 does not tell of instances"):
            for page in self._ec2.get_paginator("describe_instances").paginate(Filters=filters):
                for row in page["Reservations"]:
                    yield from map(_machine, row["Instances"])

    def _image(self, name: str) -> dict[str, Any]:
        with told(f"The image {name or '(none)'} cannot be used"):
            if name.startswith(PARAMETER):
                asked = self._account.client("ssm").get_parameter(Name=name.removeprefix(PARAMETER))
                name = asked["Parameter"]["Value"]
            found: dict[str, Any] = self._ec2.describe_images(ImageIds=[name])["Images"][0]
            return found

    def _tags(self, run: Run) -> list[dict[str, str]]:
        tags = {
            "Name": f"{self._deployment} remote {run.id}",
            naming.TAG: self._deployment,
            naming.ROLE_TAG: ROLE,
            RUN_TAG: run.id,
            DEADLINE_TAG: f"{run.deadline:.0f}",
            STARTER_TAG: getpass.getuser(),
        }
        return [{"Key": name, "Value": value} for name, value in tags.items()]


def _volume(image: dict[str, Any], disk: int) -> list[dict[str, Any]]:
    root = image.get("RootDeviceName", "/dev/xvda")
    # Beside the root an image may have volumes without a snapshot.
    least = [
        each["Ebs"]["VolumeSize"]
        for each in image.get("BlockDeviceMappings", ())
        if each.get("DeviceName") == root and "VolumeSize" in each.get("Ebs", {})
    ]
    volume = {
        "VolumeSize": max([disk, *least]),
        "VolumeType": "gp3",
        "Encrypted": True,
        "DeleteOnTermination": True,
    }
    return [{"DeviceName": root, "Ebs": volume}]


def _machine(row: dict[str, Any]) -> Machine:
    tags = {tag["Key"]: tag["Value"] for tag in row.get("Tags", [])}
    return Machine(
        row["InstanceId"],
        tags.get(RUN_TAG, ""),
        row["InstanceType"],
        row.get("InstanceLifecycle") == "spot",
        row["State"]["Name"],
        row["LaunchTime"].timestamp(),
        float(tags.get(DEADLINE_TAG, 0)),
        tags.get(STARTER_TAG, ""),
    )
