"""One stack in CloudFormation: looked at, made, changed, removed."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from botocore.exceptions import ClientError

from deploy import naming
from deploy.account import Account
from deploy.errors import DeployError, code, told
from deploy.parameters import Parameter

CAPABILITIES = ["CAPABILITY_IAM", "CAPABILITY_NAMED_IAM"]


@dataclass(frozen=True, slots=True)
class Stack:
    """How a stack is now."""

    id: str
    name: str
    status: str
    reason: str = ""
    parameters: Mapping[str, str] = field(default_factory=dict)
    outputs: Mapping[str, str] = field(default_factory=dict)


class Formation:
    """The root stack of a deployment, which has the deployment's name."""

    def __init__(self, account: Account, deployment: str) -> None:
        self._client = account.client("cloudformation")
        self.deployment = deployment

    def stack(self, ident: str | None = None) -> Stack | None:
        """The stack of this id, else the one of the deployment's name; None when there is none."""
        try:
            with told(f"The stack {self.deployment} cannot be looked at"):
                said = self._client.describe_stacks(StackName=ident or self.deployment)
        except DeployError as error:
            if _is_missing(error.__cause__):
                return None
            raise
        rows = [row for row in said["Stacks"] if row["StackStatus"] != "DELETE_COMPLETE" or ident]
        return _parsed(rows[0]) if rows else None

    def known(self, template: bytes) -> dict[str, Parameter]:
        """The parameters that a template has."""
        with told("CloudFormation does not take the template"):
            said = self._client.get_template_summary(TemplateBody=template.decode())
        return {
            row["ParameterKey"]: Parameter(
                row["ParameterKey"], row.get("DefaultValue"), row.get("Description", "")
            )
            for row in said.get("Parameters", [])
        }

    def create(self, url: str, parameters: Mapping[str, str]) -> str:
        """Begin to make it; its id."""
        request = self._request(url, parameters)
        # boto3 asks again where an answer is lost: with a token that is no second stack of this name.
        request["ClientRequestToken"] = str(uuid4())
        with told(f"The stack {self.deployment} cannot be made"):
            return str(self._client.create_stack(**request)["StackId"])

    def update(self, url: str, parameters: Mapping[str, str]) -> bool:
        """Begin to change it; False where CloudFormation finds nothing to change."""
        try:
            with told(f"The stack {self.deployment} cannot be changed"):
                self._client.update_stack(**self._request(url, parameters))
        except DeployError as error:
            if "No updates are to be performed" in str(error):
                return False
            raise
        return True

    def unstick(self) -> None:
        """Go on taking back an update whose taking back failed."""
        with told(f"The update of {self.deployment} cannot be taken back"):
            self._client.continue_update_rollback(StackName=self.deployment)

    def remove(self) -> None:
        """Begin to remove it."""
        with told(f"The stack {self.deployment} cannot be removed"):
            self._client.delete_stack(StackName=self.deployment)

    def _request(self, url: str, parameters: Mapping[str, str]) -> dict[str, Any]:
        return {
            "StackName": self.deployment,
            "TemplateURL": url,
            "Parameters": [
                {"ParameterKey": name, "ParameterValue": value}
                for name, value in parameters.items()
            ],
            "Capabilities": CAPABILITIES,
            "Tags": [{"Key": naming.TAG, "Value": self.deployment}],
        }


def _parsed(row: Mapping[str, Any]) -> Stack:
    return Stack(
        row["StackId"],
        row["StackName"],
        row["StackStatus"],
        row.get("StackStatusReason", ""),
        {
            each["ParameterKey"]: each.get("ParameterValue", "")
            for each in row.get("Parameters", [])
        },
        {each["OutputKey"]: each["OutputValue"] for each in row.get("Outputs", [])},
    )


def _is_missing(error: BaseException | None) -> bool:
    return (
        isinstance(error, ClientError)
        and code(error) == "ValidationError"
        and "does not exist" in str(error)
    )
