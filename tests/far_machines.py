"""Instances that really run what they are told: `python -m tests.far_machines PORT MOTO FOLDER`.

moto has instances, and SSM's commands on paper. This plays the rest as a process of its own: it boots a
folder for each instance with the role `remote`, runs its user data and, as SSM's agent on it, the
commands it is sent; `shutdown` there ends it as the instance's shutdown behavior says, and one that is
terminated has its processes killed. It is SSM's endpoint (AWS_ENDPOINT_URL_SSM); what it does not answer
itself it hands on to moto. The file FOLDER/minute says how many seconds a minute of its timers takes: 60
where there is none.
"""

import base64
import json
import os
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import boto3
import psutil

BOOT = 1.0
DISK = "/var/tmp/classifycloud-remote"
PYTHON = "/opt/classifycloud/venv/bin/python"
# `aws s3 cp s3://…/step.sh -` of a step on a cluster's host. Its disk and Python are this machine's, in the
# step and in the run that it is for.
AWS = """#!{its}
import boto3, sys
s3 = boto3.client("s3")
where = next(word for word in sys.argv if word.startswith("s3://"))
bucket, _, key = where[5:].partition("/")
def here(key):
    text = s3.get_object(Bucket=bucket, Key=key)["Body"].read().decode()
    return text.replace("{disk}", "{own}").replace("/mnt/", "{own}/mnt/").replace("{python}", "{its}")
run = key.replace("step.sh", "run.json")
s3.put_object(Bucket=bucket, Key=run, Body=here(run).encode())
print(here(key))
"""
SHUTDOWN = '#!/bin/sh\necho "$*" >> "{log}"\n'


class Machine:
    """One instance: a folder, and what runs there."""

    def __init__(self, ident: str, folder: Path, data: str, terminates: bool) -> None:
        self.id, self.folder, self.terminates = ident, folder, terminates
        self.up_at = time.monotonic() + BOOT
        self.processes: dict[str, subprocess.Popen] = {}
        self._read, self._since = 0, 0.0
        self._minutes: int | None = None
        (folder / "bin").mkdir(parents=True)
        self._log = folder / "shutdown.log"
        self._log.touch()
        script = folder / "bin" / "shutdown"
        script.write_text(SHUTDOWN.format(log=self._log))
        script.chmod(0o755)
        system = folder / "bin" / "systemctl"  # the agent, which is played here, can be started
        system.write_text("#!/bin/sh\n")
        system.chmod(0o755)
        self.run("boot", data)

    def run(self, name: str, text: str) -> None:
        own = text.replace(DISK, str(self.folder / "disk")).replace(PYTHON, sys.executable)
        environment = os.environ | {
            "PATH": f"{self.folder / 'bin'}:{os.environ['PATH']}",
            "AWS_ENDPOINT_URL": sys.argv[2],
        }
        with (self.folder / f"{name}.log").open("wb") as sink:
            self.processes[name] = subprocess.Popen(
                ["/bin/bash", "-c", own], cwd=self.folder, env=environment, stdout=sink, stderr=sink
            )

    def is_over(self) -> bool:
        """Whether it was told to shut down, and the time for it has come."""
        words = self._log.read_text().splitlines()
        for line in words[self._read :]:
            at = line.split()[-1]
            self._since = time.monotonic()
            self._minutes = None if at == "-c" else 0 if at == "now" else int(at.removeprefix("+"))
        self._read = len(words)
        if self._minutes is None:
            return False
        return time.monotonic() - self._since >= self._minutes * self._minute()

    def _minute(self) -> float:
        said = self.folder.with_name("minute")
        return float(said.read_text() or 60) if said.exists() else 60.0

    def kill(self) -> None:
        """The power is off: nothing of it runs on."""
        for process in self.processes.values():
            try:
                own = psutil.Process(process.pid)
                for each in [*own.children(recursive=True), own]:
                    each.kill()
            except psutil.NoSuchProcess:
                pass
            process.wait()


class World:
    """All of them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.ec2 = boto3.client("ec2", endpoint_url=sys.argv[2], region_name="us-east-1")
        self.emr = boto3.client("emr", endpoint_url=sys.argv[2], region_name="us-east-1")
        self.machines: dict[str, Machine] = {}

    def go_on(self) -> None:
        while True:
            self._look()
            self._look_at_clusters()
            time.sleep(0.4)

    def _look_at_clusters(self) -> None:
        for row in self.emr.list_clusters()["Clusters"]:
            ident, host = row["Id"], self.machines.get(row["Id"])
            if row["Status"]["State"].startswith("TERMINAT"):
                if host is not None:
                    host.kill()
            elif host is None and (steps := self.emr.list_steps(ClusterId=ident)["Steps"]):
                host = self.machines[ident] = Machine(ident, self.folder / ident, "", False)
                disk = host.folder / "disk"
                tool = host.folder / "bin" / "aws"
                its = sys.executable
                tool.write_text(AWS.format(its=its, disk=DISK, own=disk, python=PYTHON))
                tool.chmod(0o755)
                host.run("step", steps[0]["Config"]["Args"][-1])

    def _look(self) -> None:
        wanted = [{"Name": "tag:classifycloud-role", "Values": ["remote"]}]
        rows = self.ec2.describe_instances(Filters=wanted)["Reservations"]
        for row in (each for group in rows for each in group["Instances"]):
            ident, state = row["InstanceId"], row["State"]["Name"]
            machine = self.machines.get(ident)
            if machine is None and state in ("pending", "running"):
                self.machines[ident] = self._booted(ident)
            elif machine is not None and state in ("terminated", "stopped"):
                machine.kill()
            elif machine is not None and machine.is_over():
                end = (
                    self.ec2.terminate_instances if machine.terminates else self.ec2.stop_instances
                )
                end(InstanceIds=[ident])
                machine.kill()

    def _booted(self, ident: str) -> Machine:
        def attribute(name: str) -> str:
            said = self.ec2.describe_instance_attribute(InstanceId=ident, Attribute=name)
            return said[name[0].upper() + name[1:]]["Value"]

        data = base64.b64decode(attribute("userData")).decode()
        behavior = attribute("instanceInitiatedShutdownBehavior")
        return Machine(ident, self.folder / ident, data, behavior == "terminate")


class Ssm(BaseHTTPRequestHandler):
    """SSM, for those instances."""

    world: World

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        action = self.headers["X-Amz-Target"].partition(".")[2]
        act = {"SendCommand": self._send, "GetCommandInvocation": self._tell}.get(
            action, self._moto
        )
        act(body)

    def _send(self, body: bytes) -> None:
        asked = json.loads(body)
        machine = self.world.machines.get(asked["InstanceIds"][0])
        if machine is None or time.monotonic() < machine.up_at:
            self._answer(400, {"__type": "InvalidInstanceId", "message": "not in a valid state"})
            return
        said = self._moto(body)
        machine.run(said["Command"]["CommandId"], "\n".join(asked["Parameters"]["commands"]))

    def _tell(self, body: bytes) -> None:
        asked = json.loads(body)
        process = self.world.machines[asked["InstanceId"]].processes[asked["CommandId"]]
        code = process.poll()
        status = "InProgress" if code is None else "Failed" if code else "Success"
        self._answer(200, {"Status": status, "StandardErrorContent": ""})

    def _moto(self, body: bytes) -> dict:
        names = ("Content-Type", "X-Amz-Target", "Authorization", "X-Amz-Date")
        given = {name: self.headers[name] for name in names if self.headers[name]}
        try:
            with urllib.request.urlopen(urllib.request.Request(sys.argv[2], body, given)) as reply:
                status, said = reply.status, json.loads(reply.read())
        except urllib.error.HTTPError as error:
            status, said = error.code, json.loads(error.read())
        self._answer(status, said)
        return said

    def _answer(self, status: int, said: dict) -> None:
        data = json.dumps(said).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/x-amz-json-1.1")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def do_GET(self) -> None:
        self._answer(200, {})

    def log_message(self, *_words: object) -> None:
        """Nothing."""


if __name__ == "__main__":
    Ssm.world = World(Path(sys.argv[3]))
    threading.Thread(target=Ssm.world.go_on, daemon=True).start()
    ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Ssm).serve_forever()
