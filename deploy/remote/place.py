"""Where a run takes place: what the stack hands out, or what the command line says instead."""

from dataclasses import dataclass, replace

from deploy.account import Account
from deploy.errors import DeployError, NotThere
from deploy.formation import Formation


@dataclass(frozen=True, slots=True)
class Place:
    """What an instance is launched with, and the bucket it may use `remote/` of."""

    deployment: str
    bucket: str
    image: str
    profile: str
    subnet: str
    group: str
    network: str = ""
    training: str = ""  # subnet for clusters


def find(account: Account, deployment: str, image: str | None = None) -> Place:
    """Of the stack of a deployment.

    Args:
        image: in the place of the stack's; `ami-…`, or `resolve:ssm:NAME` of a public parameter.

    Raises:
        DeployError: there is no such stack, or it is too old.
    """
    stack = Formation(account, deployment).stack()
    if stack is None:
        raise NotThere(deployment, account.region)
    try:
        place = Place(
            deployment,
            stack.outputs["BucketName"],
            stack.parameters.get("ImageId", ""),
            stack.outputs["RemoteProfile"],
            stack.outputs["RemoteSubnet"],
            stack.outputs["RemoteSecurityGroup"],
            stack.outputs.get("VpcId", ""),
            stack.outputs.get("TrainingSubnet", ""),
        )
    except KeyError as error:
        raise DeployError(
            f"The stack {deployment} does not say its {error.args[0]} (it is {stack.status}).\n"
            "Bring it up to date with `classifycloud deploy up`."
        ) from error
    return place if image is None else replace(place, image=image)
