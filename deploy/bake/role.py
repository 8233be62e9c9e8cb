"""What the baking instance may do: be talked to by SSM, and nothing else. Made before, removed after."""

import json
from collections.abc import Callable
from typing import Any

from botocore.exceptions import ClientError

from deploy import naming
from deploy.account import Account
from deploy.errors import code, told

POLICY = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Action": [
                "ssm:UpdateInstanceInformation",
                "ssmmessages:CreateControlChannel",
                "ssmmessages:CreateDataChannel",
                "ssmmessages:OpenControlChannel",
                "ssmmessages:OpenDataChannel",
                "ec2messages:AcknowledgeMessage",
                "ec2messages:DeleteMessage",
                "ec2messages:FailMessage",
                "ec2messages:GetEndpoint",
                "ec2messages:GetMessages",
                "ec2messages:SendReply",
            ],
            "Resource": "*",  # none of these takes a resource
        }
    ],
}
TRUST = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Principal": {"Service": "ec2.amazonaws.com"},
            "Action": "sts:AssumeRole",
        }
    ],
}


def ensure(account: Account, name: str) -> None:
    """Make the role and its instance profile; what there is of them already stays."""
    iam = account.client("iam")
    tags = [{"Key": naming.ROLE_TAG, "Value": "bake"}]
    with told(f"The role {name} cannot be made"):
        _unless_there(
            iam.create_role,
            RoleName=name,
            AssumeRolePolicyDocument=json.dumps(TRUST),
            Description="For the instance that a ClassifyCloud image is baked on",
            Tags=tags,
        )
        iam.put_role_policy(RoleName=name, PolicyName="ssm", PolicyDocument=json.dumps(POLICY))
        _unless_there(iam.create_instance_profile, InstanceProfileName=name, Tags=tags)
        held = iam.get_instance_profile(InstanceProfileName=name)["InstanceProfile"]["Roles"]
        if not held:
            iam.add_role_to_instance_profile(InstanceProfileName=name, RoleName=name)


def drop(account: Account, name: str) -> None:
    """Remove both; nothing happens where there is neither."""
    iam = account.client("iam")
    with told(f"The role {name} cannot be removed"):
        _if_there(iam.remove_role_from_instance_profile, InstanceProfileName=name, RoleName=name)
        _if_there(iam.delete_instance_profile, InstanceProfileName=name)
        _if_there(iam.delete_role_policy, RoleName=name, PolicyName="ssm")
        _if_there(iam.delete_role, RoleName=name)


def made(account: Account) -> list[tuple[str, float]]:
    """Those of this region's bakes, and when they were made, in seconds since 1970."""
    with told("The roles of bakes cannot be listed"):
        pages = account.client("iam").get_paginator("list_roles").paginate()
        rows = [row for page in pages for row in page["Roles"]]
    return [
        (row["RoleName"], row["CreateDate"].timestamp())
        for row in rows
        if is_of(row["RoleName"], account.region)
    ]


def is_of(name: str, region: str) -> bool:
    """Whether a role of this name is a bake's of this region; roles are the whole account's. Pure."""
    return name.startswith(naming.bake_name("")) and name.endswith(f".{region}")


def _unless_there(call: Callable[..., Any], **given: Any) -> None:
    try:
        call(**given)
    except ClientError as error:
        if code(error) != "EntityAlreadyExists":
            raise


def _if_there(call: Callable[..., Any], **given: Any) -> None:
    try:
        call(**given)
    except ClientError as error:
        if code(error) not in {"NoSuchEntity", "NoSuchEntityException"}:
            raise
