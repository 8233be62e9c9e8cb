"""A Spark cluster of a training's own, by `training.yaml`. Satisfies `deploy.remote.ground.Ground`.

The driver is a step on the cluster's host, which runs the same far side as an instance of `remote run`.
"""

import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError

from deploy import naming
from deploy.account import Account
from deploy.errors import DeployError, told
from deploy.remote import script
from deploy.remote.name import Run, key
from deploy.remote.packing import pack
from deploy.remote.place import Place

TEMPLATE = Path(__file__).parents[1] / "templates" / "training.yaml"
BOOTSTRAP = Path(__file__).with_name("bootstrap.sh")
SOURCE = Path(__file__).parents[2]
EMR = "emr"  # in the place of a run's instance type
EVERY = 5.0  # seconds between looks
BUSY = ("CREATE_IN_PROGRESS",)
DEAD = ("TERMINATING", "TERMINATED", "TERMINATED_WITH_ERRORS")
BROKEN = ("FAILED", "CANCELLED", "INTERRUPTED")


@dataclass(frozen=True, slots=True)
class Size:
    """Of a cluster. `data`: `s3://BUCKET/PREFIX` that it reads, if any."""

    host: str
    kind: str
    workers: int
    spot: bool
    data: str | None


class Cluster:
    """One training's.

    Args:
        say: is told what happens.
        size: of one that is to be made; None for one that another terminal made.
    """

    def __init__(
        self,
        account: Account,
        place: Place,
        run: Run,
        say: Callable[[str], None],
        size: Size | None = None,
    ) -> None:
        self._account, self._place, self._run = account, place, run
        self._size, self._say = size, say
        self._stack = f"{place.deployment}-training-{run.id}"
        self._formation: Any = account.client("cloudformation")
        self._emr: Any = account.client("emr")
        self._cluster: str | None = None
        self._step = ""

    def begin(self, beat: Callable[[], None]) -> None:
        self._send()
        with told(f"CloudFormation does not make {self._stack}"):
            self._formation.create_stack(
                StackName=self._stack,
                TemplateBody=TEMPLATE.read_text(encoding="utf-8"),
                Parameters=[
                    {"ParameterKey": name, "ParameterValue": value}
                    for name, value in self._parameters().items()
                ],
                Capabilities=["CAPABILITY_IAM"],
                OnFailure="DELETE",
                Tags=[{"Key": naming.TAG, "Value": self._place.deployment}],
            )
        self._say(f"{self._stack} is being made: some ten minutes …")
        self._cluster = self._made(beat)
        self._step = self._told(self._cluster)

    def trouble(self) -> str | None:
        if self._cluster is None or not self._step:
            return None
        with told("EMR does not tell of the training"):
            said = self._emr.describe_step(ClusterId=self._cluster, StepId=self._step)
        status = said["Step"]["Status"]
        if status["State"] not in BROKEN:
            return None
        why = status.get("FailureDetails", {}).get("Message") or "see the log"
        return f"the step is {status['State']}: {why}"

    def lives(self) -> bool:
        self._cluster = self._cluster or self._found()
        if self._cluster is None:
            return False
        with told("EMR does not tell of the cluster"):
            said = self._emr.describe_cluster(ClusterId=self._cluster)
        return said["Cluster"]["Status"]["State"] not in DEAD

    def clear(self) -> list[str]:
        try:
            self._formation.describe_stacks(StackName=self._stack)
        except ClientError:
            return []
        with told(f"CloudFormation does not remove {self._stack}"):
            self._formation.delete_stack(StackName=self._stack)
        return [self._stack]

    def _found(self) -> str | None:
        """Of the stack, if it is there."""
        try:
            stack = self._formation.describe_stacks(StackName=self._stack)["Stacks"][0]
        except ClientError:
            return None
        outputs = {row["OutputKey"]: row["OutputValue"] for row in stack.get("Outputs", [])}
        return outputs.get("ClusterId")

    def _send(self) -> None:
        """What every machine of the cluster installs, and what its host runs."""
        if not (SOURCE / "pyproject.toml").is_file():
            raise DeployError(
                "A cluster installs the project out of a clone, and this installation is none.\n"
                "Run the command in a clone."
            )
        s3, bucket, run = self._account.client("s3"), self._place.bucket, self._run
        lines = script.lines(run, self._account.region, bucket, program="true")
        with tempfile.TemporaryDirectory() as scratch, told("The project cannot be sent"):
            source = pack(SOURCE, [], Path(scratch) / "source.tar.gz").path
            s3.upload_file(str(source), bucket, key(run.id, "source.tar.gz"))
            s3.upload_file(str(BOOTSTRAP), bucket, key(run.id, "bootstrap.sh"))
            s3.put_object(Bucket=bucket, Key=key(run.id, "step.sh"), Body="\n".join(lines).encode())

    def _parameters(self) -> Mapping[str, str]:
        size, place = self._size, self._place
        if size is None:
            raise ValueError("a cluster that another terminal made is not made again")
        if not place.training:
            raise DeployError(
                f"The stack {place.deployment} does not say its TrainingSubnet.\n"
                "Bring it up to date with `classifycloud deploy up`."
            )
        found = {
            "Deployment": place.deployment,
            "RunId": self._run.id,
            "BucketName": place.bucket,
            "Vpc": place.network,
            "Subnet": place.training,
            "HostType": size.host,
            "WorkerType": size.kind,
            "Workers": str(size.workers),
            "Market": "SPOT" if size.spot else "ON_DEMAND",
        }
        if size.data is not None:
            bucket, _, prefix = size.data.removeprefix("s3://").partition("/")
            found["DataBucketArn"] = f"arn:aws:s3:::{bucket}"
            found["DataArn"] = f"arn:aws:s3:::{bucket}/{prefix.rstrip('/*')}*"
        return found

    def _made(self, beat: Callable[[], None]) -> str:
        while True:
            with told(f"{self._stack} cannot be looked at"):
                stack = self._formation.describe_stacks(StackName=self._stack)["Stacks"][0]
            if stack["StackStatus"] == "CREATE_COMPLETE":
                outputs = {row["OutputKey"]: row["OutputValue"] for row in stack["Outputs"]}
                return str(outputs["ClusterId"])
            if stack["StackStatus"] not in BUSY:
                raise DeployError(f"{self._stack} could not be made: {self._reason()}")
            beat()
            time.sleep(EVERY)

    def _reason(self) -> str:
        """Of the first resource that failed."""
        rows = self._formation.describe_stack_events(StackName=self._stack)["StackEvents"]
        failed = [row for row in rows if row["ResourceStatus"].endswith("_FAILED")]
        return str(failed[-1].get("ResourceStatusReason")) if failed else "nobody says why"

    def _told(self, cluster: str) -> str:
        where = f"s3://{self._place.bucket}/{key(self._run.id, 'step.sh')}"
        with told("EMR does not take the training"):
            said = self._emr.add_job_flow_steps(
                JobFlowId=cluster,
                Steps=[
                    {
                        "Name": self._run.id,
                        "ActionOnFailure": "CONTINUE",
                        "HadoopJarStep": {
                            "Jar": "command-runner.jar",
                            "Args": ["bash", "-c", f"aws s3 cp {where} - | bash"],
                        },
                    }
                ],
            )
        return str(said["StepIds"][0])
