"""A deployment on an emulator, made and removed by the command as a person types it."""

import json
import os
import signal
import subprocess
from pathlib import Path
from typing import Any

import boto3

from tests.service import COMMAND, wait_until

ACCESS = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"}
PATIENCE = 240  # seconds for one command on a busy machine


class Deployed:
    """One deployment; `folder` is for its machines' logs."""

    def __init__(self, url: str, name: str, folder: Path) -> None:
        self.url = url
        self.name = name
        self.folder = folder
        self.environment = {**os.environ, **ACCESS, "AWS_ENDPOINT_URL": url}
        self.environment["AWS_DEFAULT_REGION"] = "us-east-1"
        self._where = ["--name", name, "--region", "us-east-1", "--endpoint-url", url]

    def image(self) -> str:
        """Some image that there is."""
        return self.client("ec2").describe_images()["Images"][0]["ImageId"]

    def client(self, service: str) -> Any:
        return boto3.client(
            service,
            endpoint_url=self.url,
            region_name="us-east-1",
            aws_access_key_id="test",
            aws_secret_access_key="test",
        )

    def start(self, *command: str) -> subprocess.Popen[str]:
        """The command, begun."""
        return subprocess.Popen(
            [str(COMMAND), "deploy", *command, *self._where],
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def run(self, *command: str, status: int = 0) -> str:
        """The command, ended with this status; what it said on stdout."""
        process = self.start(*command)
        said, errors = process.communicate(timeout=PATIENCE)
        assert process.returncode == status, (
            f"{command} ended with {process.returncode}:\n{errors}{said}"
        )
        return said

    def document(self, *command: str, status: int = 0) -> dict[str, Any]:
        """The same with --json."""
        return json.loads(self.run(*command, "--json", status=status))

    def instances(self, role: str) -> list[dict[str, Any]]:
        """Those of this role, ended ones too."""
        wanted = {"classifycloud-deployment": self.name, "classifycloud-role": role}
        filters = [{"Name": f"tag:{key}", "Values": [value]} for key, value in wanted.items()]
        found = self.client("ec2").describe_instances(Filters=filters)["Reservations"]
        return [each for row in found for each in row["Instances"]]

    def alive(self, role: str) -> list[str]:
        states = {"pending", "running"}
        return [i["InstanceId"] for i in self.instances(role) if i["State"]["Name"] in states]

    def machines(self) -> "Machines":
        return Machines(self)


class Machines:
    """`python -m tests.machines` for a deployment; a context manager."""

    def __init__(self, deployed: Deployed) -> None:
        import sys

        self._folder = deployed.folder
        self._log = (deployed.folder / "machines.log").open("ab")
        command = [sys.executable, "-m", "tests.machines", "--deployment", deployed.name]
        self._process = subprocess.Popen(
            [*command, "--folder", str(self._folder)],
            env=deployed.environment,
            stdout=self._log,
            stderr=self._log,
        )

    def __enter__(self) -> "Machines":
        return self

    def __exit__(self, kind: object, *_: object) -> None:
        self._process.send_signal(signal.SIGTERM)
        self._process.wait(60)
        self._log.close()
        if kind is not None:
            print(self.told())

    def front_ends(self, count: int = 1) -> list[str]:
        """Where so many front ends listen, once they do."""
        found = wait_until(
            lambda: len(urls := sorted(self._folder.glob("*/url"))) >= count and urls,
            PATIENCE,
            "a front end is booted",
        )
        return [path.read_text() for path in found]

    def told(self) -> str:
        """The last words of every process."""
        logs = sorted(self._folder.rglob("*.log"))
        return "\n".join(f"--- {path}\n{path.read_text()[-2500:]}" for path in logs)
