"""`python -m tests.machines --deployment NAME --folder DIR`: machines for the instances of a deployment.

A running instance gets a machine, one that is terminated or stopped loses it; a machine that powers off
terminates or stops its instance, as its launch said. AWS is where boto3's own variables lead. Below DIR there
is a folder for each instance: logs, and `url` where a front end listens.
"""

import argparse
import signal
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import boto3

from tests.machines.machine import Machine

EVERY = 0.3  # seconds between looks


class Machines:
    """Those of one deployment."""

    def __init__(self, deployment: str, folder: Path) -> None:
        self._ec2 = boto3.client("ec2")
        self._mine = [{"Name": "tag:classifycloud-deployment", "Values": [deployment]}]
        self._folder = folder
        self._machines: dict[str, Machine] = {}
        self._pool = ThreadPoolExecutor(8)

    def look(self) -> None:
        """Compare what runs here with what runs there."""
        running = self._running()
        for ident in self._machines.keys() - running.keys():
            self._pool.submit(self._machines.pop(ident).end)
        for ident, instance in running.items():
            if ident not in self._machines:
                self._boot(instance)
            machine = self._machines[ident]
            machine.retag(instance)
            if machine.look():
                self._power_off(ident)

    def close(self) -> None:
        for machine in self._machines.values():
            self._pool.submit(machine.end)
        self._pool.shutdown()

    def _running(self) -> dict[str, dict[str, Any]]:
        found = self._ec2.describe_instances(Filters=self._mine)["Reservations"]
        every = [each for row in found for each in row["Instances"]]
        return {i["InstanceId"]: i for i in every if i["State"]["Name"] == "running"}

    def _boot(self, instance: dict[str, Any]) -> None:
        machine = Machine(instance, self._asked(instance["InstanceId"], "userData"), self._folder)
        self._machines[machine.id] = machine
        print(f"{machine.id} boots", flush=True)
        machine.boot()

    def _power_off(self, ident: str) -> None:
        behavior = self._asked(ident, "instanceInitiatedShutdownBehavior")
        print(f"{ident} powers off: {behavior}", flush=True)
        call = self._ec2.stop_instances if behavior == "stop" else self._ec2.terminate_instances
        call(InstanceIds=[ident])
        self._machines.pop(ident).end()

    def _asked(self, ident: str, attribute: str) -> str:
        said = self._ec2.describe_instance_attribute(InstanceId=ident, Attribute=attribute)
        return str(said[attribute[0].upper() + attribute[1:]].get("Value", ""))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--deployment", required=True)
    parser.add_argument("--folder", type=Path, required=True)
    options = parser.parse_args()
    machines, going = Machines(options.deployment, options.folder), True

    def stop(*_: object) -> None:
        nonlocal going
        going = False

    signal.signal(signal.SIGTERM, stop)
    try:
        while going:
            machines.look()
            time.sleep(EVERY)
    finally:
        machines.close()


if __name__ == "__main__":
    main()
