"""One instance as real processes: its metadata service, the image's own boot script, what that says to start.

What is this machine's and not the instance's: it listens on 127.0.0.1, on a port that is free. All else comes
from user data and tags.
"""

import base64
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.metadata import Metadata
from tests.servers import free_port

GRACE = 20.0  # seconds that a process has when its instance ends
KEPT = ("PATH", "HOME", "LANG", "PYTHONPATH", "VIRTUAL_ENV", "TMPDIR")


class Machine:
    """What runs for one instance.

    Args:
        instance: as DescribeInstances tells of it.
        user_data: of the instance.
        folder: for what the boot script writes, and for logs.
    """

    def __init__(self, instance: dict[str, Any], user_data: str, folder: Path) -> None:
        self.id = instance["InstanceId"]
        self._folder = folder / self.id
        self._metadata = Metadata(**_told(instance))
        self._metadata.user_data = base64.b64decode(user_data).decode()
        self._processes: dict[str, subprocess.Popen[bytes]] = {}
        self._environments: dict[str, dict[str, str]] = {}
        # On a real one 127.0.0.1:9324, which only one of all those here could have.
        self._queue = f"http://127.0.0.1:{free_port()}"

    def boot(self) -> None:
        """Run the boot script, then what it says."""
        self._folder.mkdir(parents=True)
        asked = ["--out", str(self._folder / "run"), "--imds", self._metadata.url]
        self._run("boot", [sys.executable, "-m", "ami.boot", *asked], os.environ).wait(60)
        roles = self._folder / "run" / "roles"
        named = sorted(path.name for path in roles.glob("*"))
        queue = {"AWS_ENDPOINT_URL_SQS": self._queue} if "queue" in named else {}
        for role in named:
            self._environments[role] = self._environment(role) | queue
            self._start(role)

    def look(self) -> bool:
        """Start again what died, as systemd would; whether the machine powers off."""
        for role, process in list(self._processes.items()):
            status = process.poll()
            if status is None:
                continue
            if role == "worker" and status == 0 and (self._folder / "run" / "alone").exists():
                return True
            if role != "worker" or status not in (0, 2):
                self._start(role)
        return False

    def end(self) -> None:
        """Its processes are told, and killed when they do not go."""
        for process in self._processes.values():
            process.terminate()
        for process in self._processes.values():
            try:
                process.wait(GRACE)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        self._processes.clear()
        self._metadata.close()

    def retag(self, instance: dict[str, Any]) -> None:
        """The metadata follow the tags of a running instance."""
        self._metadata.entries |= _tags(instance)

    def _start(self, role: str) -> None:
        command = [sys.executable, "-m", role]
        if role == "queue":
            folder, port = str(self._folder / "queue"), self._queue.rpartition(":")[2]
            command = [sys.executable, "-m", "local.sqs", "--port", port, "--data", folder]
        self._processes[role] = self._run(role, command, self._environments[role])

    def _environment(self, role: str) -> dict[str, str]:
        kept = {name: os.environ[name] for name in KEPT if name in os.environ}
        aws = {name: value for name, value in os.environ.items() if name.startswith("AWS_")}
        given = _read(self._folder / "run" / f"{role}.env")
        own: dict[str, str] = {}
        if role == "api":
            port = str(free_port())
            own = {"CLASSIFYCLOUD_HOST": "127.0.0.1", "CLASSIFYCLOUD_PORT": port}
            (self._folder / "url").write_text(f"http://127.0.0.1:{port}")
        return {**kept, **aws, **given, **own}

    def _run(self, name: str, command: list[str], environment: Any) -> subprocess.Popen[bytes]:
        with (self._folder / f"{name}.log").open("ab") as log:
            return subprocess.Popen(command, env=dict(environment), stdout=log, stderr=log)


def _told(instance: dict[str, Any]) -> dict[str, str]:
    return {
        "instance-id": instance["InstanceId"],
        "placement/region": instance["Placement"]["AvailabilityZone"][:-1],
        **_tags(instance),
    }


def _tags(instance: dict[str, Any]) -> dict[str, str]:
    # A key with a colon is AWS's own, which the metadata do not show.
    tags = {tag["Key"]: tag["Value"] for tag in instance.get("Tags", []) if ":" not in tag["Key"]}
    listed = {"tags/instance": "\n".join(sorted(tags))}
    return listed | {f"tags/instance/{key}": value for key, value in tags.items()}


def _read(path: Path) -> dict[str, str]:
    """A file for systemd's EnvironmentFile=, of the form that the boot script writes."""
    pairs = (line.partition("=") for line in path.read_text().splitlines() if line)
    return {name: value[1:-1].replace('\\"', '"').replace("\\\\", "\\") for name, _, value in pairs}
