"""`python -m ami.rehearsal.machine ROOT`: the image boots in a virtual machine, works, and powers off.

The units do it all, under the system that will run them: the boot script asks what looks like EC2's
metadata service, the worker answers a job, takes a terminate message, and its end is the machine's. The
kernel in there is asked what it holds each process to. Without KVM the machine is emulated, and many times as
slow as any real one. Needs root and qemu-system-x86_64.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import boto3

from ami.rehearsal import walls
from ami.rehearsal.answer import LABEL, SAID, Failed, asked, running, service, status, until
from ami.rehearsal.metadata import Metadata
from local.up.ports import free
from wire.messages import Report, Terminate

HERE = Path(__file__).parent
# The machine's whole network is QEMU's own, with whoever runs it where EC2 has its metadata service.
HOST = "169.254.169.254"
NETWORK = (
    f"user,id=net,net=169.254.169.0/24,host={HOST},dns=169.254.169.253,dhcpstart=169.254.169.15"
)
BOOT = 900.0  # seconds; an emulated machine boots for minutes, on a busy one for many


@dataclass(frozen=True, slots=True)
class Ports:
    """Of queue, store, front end and metadata service here; of the front end and the walls in the machine."""

    sqs: int
    storage: int
    api: int
    imds: int
    inside: int
    walls: int


def main() -> int:
    """0 where the machine did all that."""
    parser = argparse.ArgumentParser(prog="python -m ami.rehearsal.machine")
    parser.add_argument("root", type=Path, help="folder with the image; a kernel is put into it")
    parser.add_argument("--kvm", action="store_true", help="on the processor itself")
    options = parser.parse_args()
    root = options.root.resolve()
    with ExitStack() as ending:
        folder = Path(ending.enter_context(tempfile.TemporaryDirectory(dir=root.parent)))
        ports = Ports(*islice(free(), 6))
        disk(root, folder, ports)
        url, told = ending.enter_context(service(folder, ports.sqs, ports.storage, ports.api))
        try:
            print(worker(Machine(root, folder, ports, options.kvm), url, told), flush=True)
            print(single_host(Machine(root, folder, ports, options.kvm), told), flush=True)
        except Failed as error:
            print(f"failed: {error}", file=sys.stderr)
            return 1
    return 0


def disk(root: Path, folder: Path, ports: Ports) -> None:
    """Make it."""
    to_imds = f"BOOT_OPTIONS=--imds=http://{HOST}:{ports.imds}\n"
    (root / "etc/classifycloud/boot.env").write_text(to_imds)
    made = ["bash", str(HERE / "disk.sh"), str(root), str(folder / "disk")]
    # What comes on stdout is what was found.
    subprocess.run([*made, str(ports.sqs), str(ports.storage)], stdout=sys.stderr, check=True)


class Machine:
    """A machine with this disk, which stays as it is; two cores, 2 GiB.

    Args:
        root: the image.
        folder: where its disk is.
        ports: of what is here.
        kvm: on the processor itself.
    """

    def __init__(self, root: Path, folder: Path, ports: Ports, kvm: bool) -> None:
        self.ports = ports
        self.console = folder / "console"
        self._root = root
        self._disk = folder / "disk"
        self._kvm = kvm

    @contextmanager
    def boots(self, user_data: str) -> "Iterator[subprocess.Popen[bytes]]":
        """While it runs."""
        self.console.unlink(missing_ok=True)
        metadata = Metadata(user_data, port=self.ports.imds)
        try:
            with running(self._command(), self.console.with_name("qemu")) as process:
                yield process
        finally:
            metadata.close()

    def said(self) -> str:
        """The end of what is on its console."""
        return self.console.read_text(errors="replace")[-SAID:] if self.console.exists() else ""

    def _command(self) -> list[str]:
        boot = self._root / "boot"
        kernel, initrd = (next(boot.glob(each)) for each in ("vmlinuz-*", "initrd.img-*"))
        kind = ("kvm", "host") if self._kvm else ("tcg,thread=multi", "max")
        forwards = ((self.ports.inside, 8000), (self.ports.walls, 8001))
        network = NETWORK + "".join(f",hostfwd=tcp:127.0.0.1:{at}-:{to}" for at, to in forwards)
        return [
            "qemu-system-x86_64", "-accel", kind[0], "-cpu", kind[1], "-smp", "2", "-m", "2048",
            "-display", "none", "-no-reboot", "-monitor", "none", "-serial", f"file:{self.console}",
            "-kernel", str(kernel), "-initrd", str(initrd), "-append", "root=/dev/vda rw console=ttyS0",
            "-drive", f"file={self._disk},if=virtio,format=raw,snapshot=on",
            "-netdev", network, "-device", "virtio-net-pci,netdev=net,romfile=",
        ]  # fmt: skip


def worker(machine: Machine, url: str, told: str) -> str:
    """An instance of the fleet: it answers a job and, told to go, powers off. Raises Failed."""
    queues, ready = Queues(f"http://127.0.0.1:{machine.ports.sqs}"), list[Report]()
    began = time.monotonic()
    with machine.boots(told) as process:

        def reported() -> bool:
            ready.extend(each for each in queues.reports() if _is_ready(each))
            return bool(ready)

        until(reported, process, machine.console, BOOT)
        _expect(asked(url))
        within = walls.stand(walls.told(machine.ports.walls), ["worker"])
        queues.terminate()
        try:
            ended = process.wait(BOOT)
        except subprocess.TimeoutExpired:
            raise Failed(f"the machine does not power off:\n{machine.said()}") from None
    if ended:
        raise Failed(f"the machine ended with {ended}:\n{machine.said()}")
    boot, seconds = ready[0].boot_seconds, time.monotonic() - began
    return f"{within}; ready {boot:.1f} s after its boot, off after {seconds:.0f} s"


def single_host(machine: Machine, told: str) -> str:
    """Its own queue, front end and balancer, and the worker that the balancer starts. Raises Failed."""
    settings = ("HOST=0.0.0.0", "PORT=8000", "ACCESS=public", "FLEET=process", "MIN_WORKERS=1")
    lines = ["START=queue api balancer", *(f"CLASSIFYCLOUD_{each}" for each in settings)]
    # Without the queues here, the boot script leads all of them to the machine's own.
    rest = [line for line in told.splitlines() if not line.startswith("AWS_ENDPOINT_URL_SQS=")]
    user_data = "\n".join(rest).replace("START=worker", "\n".join(lines)) + "\n"
    url = f"http://127.0.0.1:{machine.ports.inside}"
    began = time.monotonic()
    with machine.boots(user_data) as process:
        until(lambda: status("GET", f"{url}/readyz") == 200, process, machine.console, BOOT)
        _expect(asked(url))
        seconds = time.monotonic() - began
        within = walls.stand(walls.told(machine.ports.walls), ["queue", "api", "balancer"])
    return f"a single host: {within}; its first answer {seconds:.0f} s after its launch"


def _expect(label: str) -> None:
    if label != LABEL:
        raise Failed(f"the machine says {label!r} and not {LABEL!r}")


def _is_ready(report: Report) -> bool:
    return report.kind == "worker" and report.state == "ready"


class Queues:
    """What the balancer reads and writes."""

    def __init__(self, endpoint: str) -> None:
        session = boto3.Session("local", "local", region_name="us-east-1")
        self._sqs = session.client("sqs", endpoint_url=endpoint)

    def reports(self) -> list[Report]:
        """What has come since it was asked last."""
        url = self._url("reports")
        answer = self._sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, WaitTimeSeconds=1)
        return [Report.decode(each["Body"]) for each in answer.get("Messages", ())]

    def terminate(self) -> None:
        """Ask whichever worker is idle to go."""
        body = Terminate(reason="rehearsal", tick=1).encode()
        self._sqs.send_message(QueueUrl=self._url("terminate"), MessageBody=body)

    def _url(self, name: str) -> str:
        return str(self._sqs.get_queue_url(QueueName=f"rehearsal-{name}")["QueueUrl"])


if __name__ == "__main__":
    if os.geteuid():
        sys.exit("root is needed to make the disk")
    sys.exit(main())
