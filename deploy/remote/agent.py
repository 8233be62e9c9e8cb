"""The way in: one command through SSM's agent, which calls out; no key, no open port."""

from collections.abc import Sequence
from typing import Any

from botocore.exceptions import ClientError

from deploy.account import Account
from deploy.errors import code, told

DOCUMENT = "AWS-RunShellScript"
LONGEST = 172_800  # seconds, SSM's own limit
RUNS = frozenset({"Pending", "InProgress", "Delayed", "Cancelling", "Success"})


class Agent:
    """SSM's agent on one instance."""

    def __init__(self, account: Account, instance: str) -> None:
        self._ssm: Any = account.client("ssm")
        self._instance = instance

    def tell(self, lines: Sequence[str], seconds: int) -> str | None:
        """Run lines of a shell as root; the command's id, None while the agent has not called yet.

        Raises:
            DeployError: SSM refuses.
        """
        with told(f"SSM does not run the command on {self._instance}"):
            try:
                said = self._ssm.send_command(
                    InstanceIds=[self._instance],
                    DocumentName=DOCUMENT,
                    Comment="classifycloud remote",
                    Parameters={
                        "commands": list(lines),
                        "executionTimeout": [str(min(seconds, LONGEST))],
                    },
                    TimeoutSeconds=600,
                )
            except ClientError as error:
                if code(error) != "InvalidInstanceId":
                    raise
                return None
        return str(said["Command"]["CommandId"])

    def failure(self, command: str) -> str | None:
        """What SSM says of a command that failed; None while it runs, or where it did not fail."""
        with told(f"SSM does not tell of the command on {self._instance}"):
            try:
                said = self._ssm.get_command_invocation(
                    CommandId=command, InstanceId=self._instance
                )
            except ClientError as error:
                if code(error) != "InvocationDoesNotExist":
                    raise
                return None
        if said["Status"] in RUNS:
            return None
        words = str(said.get("StandardErrorContent") or said.get("StatusDetails") or "")
        return f"{said['Status']}: {words.strip()[-400:]}"
