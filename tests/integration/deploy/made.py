"""A stack that was made on an emulator: its parts by the names that the templates give them."""

import json
from dataclasses import dataclass, field
from typing import Any

import boto3

from tests.servers import ROOT

TEMPLATES = ROOT / "deploy" / "templates"
REGION = "us-east-1"
SHELF = "templates"


class Account:
    """boto3's clients of an emulated account, each made when it is asked for."""

    def __init__(self, endpoint: str) -> None:
        self.endpoint = endpoint
        self._clients: dict[str, Any] = {}

    def __getattr__(self, service: str) -> Any:
        if service not in self._clients:
            self._clients[service] = boto3.client(
                service,
                region_name=REGION,
                endpoint_url=self.endpoint,
                aws_access_key_id="test",
                aws_secret_access_key="test",
            )
        return self._clients[service]


@dataclass
class Made:
    """One stack: `parts` by nested stack and logical name, what each resource is called; `outputs`."""

    account: Account
    name: str
    outputs: dict[str, str]
    parts: dict[str, dict[str, tuple[str, str]]]
    _roles: dict[str, dict[str, Any]] = field(default_factory=dict)

    def id(self, part: str, name: str) -> str:
        """The physical id of a resource."""
        return self.parts[part][name][1]

    def of(self, kind: str) -> dict[str, str]:
        """By logical name the ids of all resources of a type."""
        return {
            name: ident
            for part in self.parts.values()
            for name, (each, ident) in part.items()
            if each == kind
        }

    def roles(self) -> dict[str, dict[str, Any]]:
        iam = self.account.iam
        if not self._roles:
            self._roles = {n: _role(iam, ident) for n, ident in self.of("AWS::IAM::Role").items()}
        return self._roles


def make(account: Account, name: str, **parameters: str) -> Made:
    """Create the stack with its templates in a bucket, as `deploy up` does."""
    account.s3.create_bucket(Bucket=SHELF)
    for path in TEMPLATES.glob("*.yaml"):
        account.s3.put_object(Bucket=SHELF, Key=f"{name}/{path.name}", Body=path.read_bytes())
    image = account.ec2.describe_images(Owners=["amazon"])["Images"][0]["ImageId"]
    base = f"https://{SHELF}.s3.{REGION}.amazonaws.com/{name}"
    given = {"TemplateBase": base, "ImageId": image, "Deployment": name, **parameters}
    account.cloudformation.create_stack(
        StackName=name,
        TemplateURL=f"{base}/stack.yaml",
        Capabilities=["CAPABILITY_IAM"],
        Parameters=[{"ParameterKey": k, "ParameterValue": v} for k, v in given.items()],
    )
    return _read(account, name)


def make_part(
    account: Account, template: str, name: str, **parameters: str | None
) -> dict[str, Any]:
    """One template as a stack by itself: its outputs, and the ids of what it made by kind.

    A parameter that is None is left out.
    """
    given = {
        key: value
        for key, value in ({"Deployment": name} | parameters).items()
        if value is not None
    }
    account.cloudformation.create_stack(
        StackName=name,
        TemplateBody=(TEMPLATES / f"{template}.yaml").read_text(encoding="utf-8"),
        Capabilities=["CAPABILITY_IAM"],
        Parameters=[{"ParameterKey": k, "ParameterValue": v} for k, v in given.items()],
    )
    (stack,) = account.cloudformation.describe_stacks(StackName=name)["Stacks"]
    ids: dict[str, list[str]] = {}
    for _, kind, ident in _resources(account, name):
        ids.setdefault(kind, []).append(ident)
    return {
        "outputs": {row["OutputKey"]: row["OutputValue"] for row in stack["Outputs"]},
        "ids": ids,
    }


def _read(account: Account, name: str) -> Made:
    (stack,) = account.cloudformation.describe_stacks(StackName=name)["Stacks"]
    assert stack["StackStatus"] == "CREATE_COMPLETE"
    outputs = {row["OutputKey"]: row["OutputValue"] for row in stack["Outputs"]}
    nested = {row[0]: row[2] for row in _resources(account, name)}
    parts = {
        part: {logical: (kind, ident) for logical, kind, ident in _resources(account, ident)}
        for part, ident in nested.items()
    }
    return Made(account, name, outputs, parts)


def _resources(account: Account, stack: str) -> list[tuple[str, str, str]]:
    rows = account.cloudformation.describe_stack_resources(StackName=stack)["StackResources"]
    # What a condition left out has a row on moto, without a name.
    return [
        (row["LogicalResourceId"], row["ResourceType"], row["PhysicalResourceId"])
        for row in rows
        if "LogicalResourceId" in row
    ]


def _role(iam: Any, name: str) -> dict[str, Any]:
    role = iam.get_role(RoleName=name)["Role"]
    attached = iam.list_attached_role_policies(RoleName=name)["AttachedPolicies"]
    documents = [_document(iam, each["PolicyArn"]) for each in attached]
    return {
        "documents": documents,
        "inline": iam.list_role_policies(RoleName=name)["PolicyNames"],
        "attached": [each["PolicyArn"] for each in attached],
        "trusts": role["AssumeRolePolicyDocument"],
        "arn": role["Arn"],
    }


def _document(iam: Any, arn: str) -> dict[str, Any]:
    version = iam.get_policy(PolicyArn=arn)["Policy"]["DefaultVersionId"]
    said = iam.get_policy_version(PolicyArn=arn, VersionId=version)["PolicyVersion"]["Document"]
    return json.loads(said) if isinstance(said, str) else said
