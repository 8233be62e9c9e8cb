"""Commands on instances without a key and without an open port: SSM's Run Command."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from botocore.exceptions import ClientError

from deploy.account import Account
from deploy.errors import DeployError, code, told

EVERY = 3.0  # seconds between looks
DOCUMENT = "AWS-RunShellScript"
RUNS = frozenset({"Pending", "InProgress", "Delayed", "Cancelling"})


@dataclass(frozen=True, slots=True)
class Ran:
    """How a command ended. `status` is SSM's word: Success, Failed, TimedOut, Cancelled."""

    status: str
    output: str
    errors: str

    @property
    def good(self) -> bool:
        return self.status == "Success"


def run(
    account: Account,
    instance: str,
    lines: Sequence[str],
    seconds: int,
    boot: float = 300.0,
    wait: Callable[[], None] | None = None,
) -> Ran:
    """Run lines of a shell as root and wait for their end.

    Args:
        seconds: that they may take.
        boot: seconds that the instance has to register with SSM.
        wait: called between looks; sleeps, and may say something.

    Raises:
        DeployError: the instance never registered, or SSM refuses.
    """
    pause = wait or (lambda: time.sleep(EVERY))
    command = _sent(account, instance, lines, seconds, boot, pause)
    ssm = account.client("ssm")
    while True:
        try:
            said = ssm.get_command_invocation(CommandId=command, InstanceId=instance)
        except ClientError as error:
            if code(error) != "InvocationDoesNotExist":
                raise DeployError(
                    f"SSM does not tell of the command on {instance}: {error}"
                ) from error
            said = {"Status": "Pending"}
        if said["Status"] not in RUNS:
            return Ran(
                said["Status"],
                said.get("StandardOutputContent", ""),
                said.get("StandardErrorContent", ""),
            )
        pause()


def _sent(
    account: Account,
    instance: str,
    lines: Sequence[str],
    seconds: int,
    boot: float,
    pause: Callable[[], None],
) -> str:
    end = time.monotonic() + boot
    while True:
        try:
            said = account.client("ssm").send_command(
                InstanceIds=[instance],
                DocumentName=DOCUMENT,
                Parameters={"commands": list(lines), "executionTimeout": [str(seconds)]},
                TimeoutSeconds=600,
            )
        except ClientError as error:
            # An instance whose agent has not called yet is an id that SSM does not know.
            if code(error) != "InvalidInstanceId" or time.monotonic() > end:
                with told(f"SSM does not run a command on {instance}"):
                    raise
        else:
            return str(said["Command"]["CommandId"])
        pause()
