"""An emulated AWS with a deployment's stack in it, and machines beside it that run what they are told."""

import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import boto3
import pytest

from tests.servers import Server, free_port

COMMAND = Path(sys.executable).with_name("classifycloud")
NAME = "try-out"
TEST = dict.fromkeys(("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"), "test")
KEYS = TEST | {"AWS_DEFAULT_REGION": "us-east-1"}


class Cloud:
    """moto, the machines beside it, and the stack that `remote` looks for."""

    def __init__(self, url: str, machines: str, folder: Path) -> None:
        self.folder, self.url = folder, url
        self.environment = (
            os.environ
            | KEYS
            | {
                "AWS_ENDPOINT_URL": url,
                "AWS_ENDPOINT_URL_SSM": machines,
                "CLASSIFYCLOUD_DEPLOYMENT": NAME,
            }
        )
        self.clients = {
            name: boto3.client(name, endpoint_url=url, region_name="us-east-1",
                               aws_access_key_id="test", aws_secret_access_key="test")
            for name in ("ec2", "s3", "iam", "cloudformation", "emr")
        }  # fmt: skip
        self.bucket = f"{NAME}-bucket"

    def make_stack(self) -> None:
        """What of the stack `remote` is given: the outputs that docs/aws.md promises."""
        ec2, s3, iam, formation, _ = self.clients.values()
        s3.create_bucket(Bucket=self.bucket)
        iam.create_instance_profile(InstanceProfileName="remote")
        subnet = ec2.describe_subnets()["Subnets"][0]
        group = ec2.create_security_group(GroupName="g", Description="d", VpcId=subnet["VpcId"])
        outputs = {
            "BucketName": self.bucket,
            "RemoteProfile": "remote",
            "RemoteSubnet": subnet["SubnetId"],
            "RemoteSecurityGroup": group["GroupId"],
            "VpcId": subnet["VpcId"],
            "TrainingSubnet": subnet["SubnetId"],
        }
        image = ec2.describe_images()["Images"][0]["ImageId"]
        template = {
            "Parameters": {"ImageId": {"Type": "String"}},
            "Resources": {"Topic": {"Type": "AWS::SNS::Topic"}},
            "Outputs": {name: {"Value": value} for name, value in outputs.items()},
        }
        formation.create_stack(
            StackName=NAME,
            TemplateBody=json.dumps(template),
            Parameters=[{"ParameterKey": "ImageId", "ParameterValue": image}],
        )

    def instances(self, run: str) -> list[dict]:
        """Those of a run that are not gone."""
        wanted = [
            {"Name": "tag:classifycloud-remote", "Values": [run]},
            {
                "Name": "instance-state-name",
                "Values": ["pending", "running", "stopping", "stopped"],
            },
        ]
        pages = self.clients["ec2"].describe_instances(Filters=wanted)["Reservations"]
        return [row for page in pages for row in page["Instances"]]

    def objects(self) -> list[str]:
        listed = self.clients["s3"].list_objects_v2(Bucket=self.bucket)
        return [row["Key"] for row in listed.get("Contents", [])]


@contextmanager
def machines(url: str, folder: Path) -> Iterator[str]:
    port = free_port()
    command = (sys.executable, "-m", "tests.far_machines", str(port), url, str(folder))
    with pytest.MonkeyPatch.context() as environment:
        for name, value in KEYS.items():
            environment.setenv(name, value)
        server = Server(command, port, "/", folder.with_name("far.log"))
    try:
        yield server.url
    finally:
        server.stop()
