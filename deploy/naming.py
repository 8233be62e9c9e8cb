"""Names of what `deploy` itself makes; those of the stack's resources are the templates'. Pure."""

import re

TAG = "classifycloud-deployment"
ROLE_TAG = "classifycloud-role"
SOURCE_TAG = "classifycloud-source"  # of an image: what it was baked of
DEPLOYMENT = re.compile(r"[a-z][a-z0-9-]{0,23}")  # stacks begin with a letter

SPOT_ROLE = "AWSServiceRoleForEC2Spot"
SPOT_SERVICE = "spot.amazonaws.com"


def depot(account: str, region: str) -> str:
    """The bucket for templates and sources: one in each region, for all deployments there."""
    return f"classifycloud-deploy-{account}-{region}"


def data_bucket(deployment: str, account: str, region: str) -> str:
    """The bucket that `data.yaml` makes."""
    return f"{deployment}-{account}-{region}"


def templates_key(deployment: str, digest: str) -> str:
    """The folder of one state of the templates."""
    return f"deployments/{deployment}/{digest}"


def bake_name(digest: str) -> str:
    """The instance, and its role, that an image of this source is baked with."""
    return f"classifycloud-bake-{digest[:12]}"


def is_nested(stack: str, deployment: str) -> bool:
    """Whether a stack's name is one that CloudFormation makes up for a nested stack of this deployment.

    Logical names begin with a capital, deployments have none.
    """
    return re.fullmatch(rf"{re.escape(deployment)}-[A-Z][A-Za-z]+-[A-Z0-9]+", stack) is not None


def is_training(stack: str, deployment: str) -> bool:
    """Whether a stack's name is one that `train --spark emr` gives."""
    return re.fullmatch(rf"{re.escape(deployment)}-training-r-[0-9a-f]{{10}}", stack) is not None
