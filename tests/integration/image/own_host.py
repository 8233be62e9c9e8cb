"""A single host with its own queue, as processes: booted by the image's script, started as the units say.

What is not the instance's: everything listens on free ports of 127.0.0.1, what units have under /var/lib lies
in a folder, and AWS is what the test gives for it.
"""

import os
import re
import shlex
import signal
import subprocess
import sys
from pathlib import Path

from ami.boot.__main__ import QUEUES
from tests.metadata import Metadata
from tests.servers import ROOT, free_port

UNITS = ROOT / "ami" / "units"
IMAGE_PYTHON = "/opt/classifycloud/venv/bin/python"
KEPT = ("PATH", "HOME", "LANG", "PYTHONPATH", "VIRTUAL_ENV", "TMPDIR")


class OwnHost:
    """The host.

    Args:
        folder: for what is written.
        user_data: of the instance.
        image: what the image sets for every process.
        address: where the front end is to listen.
    """

    def __init__(self, folder: Path, user_data: str, image: dict[str, str], address: str) -> None:
        self.folder = folder
        self.address = address
        self.queue_url = f"http://127.0.0.1:{free_port()}"
        self._image = image
        self._metadata = Metadata(**{"placement/region": "eu-central-1"})
        self._metadata.user_data = user_data
        self.processes: dict[str, subprocess.Popen[bytes]] = {}

    def boot(self) -> set[str]:
        """The boot script as a process; which units it lets start."""
        command = [sys.executable, "-P", "-m", "ami.boot", "--out", str(self.folder / "run")]
        environment = {"PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin"}
        subprocess.run(
            [*command, "--imds", self._metadata.url], cwd=ROOT, env=environment, check=True
        )
        return {path.name for path in (self.folder / "run" / "roles").iterdir()}

    def start(self, role: str) -> None:
        """Start a unit."""
        text = (UNITS / f"classifycloud-{role}.service").read_text()
        environment = self.environment(role, text)
        command = [self._here(word, environment) for word in _exec_start(text)]
        with (self.folder / f"{role}.log").open("ab") as sink:
            self.processes[role] = subprocess.Popen(
                command, cwd=ROOT, env=environment, stdout=sink, stderr=sink
            )

    def environment(self, role: str, unit: str) -> dict[str, str]:
        """Of the unit's own files alone, beside what any process of this machine needs."""
        found = {name: os.environ[name] for name in KEPT if name in os.environ}
        for file in re.findall(r"^EnvironmentFile=(.+)$", unit, re.MULTILINE):
            if file == "/etc/classifycloud/image.env":
                found |= self._image
            else:
                assert file == f"/run/classifycloud/{role}.env"
                found |= self._booted(role)
        return found

    def kill(self, role: str) -> None:
        """As a crash would: no handler runs."""
        process = self.processes.pop(role)
        os.kill(process.pid, signal.SIGKILL)
        process.wait()

    def said(self) -> str:
        logs = sorted(self.folder.glob("*.log"))
        return "\n".join(f"--- {path.name}\n{path.read_text()[-2500:]}" for path in logs)

    def stop(self, *roles: str) -> list[int]:
        """One after the other; statuses."""
        statuses = []
        for role in roles:
            process = self.processes.pop(role)
            process.terminate()
            try:
                statuses.append(process.wait(90))
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
                raise
        return statuses

    def close(self) -> None:
        """Stop what runs, the queue last, as systemd would."""
        self.stop(*sorted(self.processes, key=lambda role: role == "queue"))
        self._metadata.close()

    def _booted(self, role: str) -> dict[str, str]:
        lines = (self.folder / "run" / f"{role}.env").read_text().splitlines()
        pairs = dict(shlex.split(line)[0].split("=", 1) for line in lines)
        # What sends them to the queue is the boot script's; that the port is free here is this test's.
        assert {name: pairs[name] for name in QUEUES} == QUEUES
        return pairs | dict.fromkeys(QUEUES, self.queue_url)

    def _here(self, word: str, environment: dict[str, str]) -> str:
        word = word.replace("%S", str(self.folder / "lib"))
        word = re.sub(r"\$\{(\w+)\}", lambda found: environment[found[1]], word)
        if word == QUEUES["AWS_ENDPOINT_URL_SQS"].rpartition(":")[2]:
            return self.queue_url.rpartition(":")[2]
        return sys.executable if word == IMAGE_PYTHON else word


def _exec_start(unit: str) -> list[str]:
    found = re.search(r"^ExecStart=(.+)$", unit, re.MULTILINE)
    assert found is not None
    return shlex.split(found[1])
