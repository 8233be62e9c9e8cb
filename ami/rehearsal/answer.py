"""`python -m ami.rehearsal.answer ROOT`: the worker of an image in a folder answers a job.

Here run a local SQS and S3, a front end, and what looks like EC2's metadata service; in ROOT the boot script
and the worker, as their units start them: same commands, same user, same variables. Needs root.
"""

import argparse
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from itertools import islice
from pathlib import Path

import httpx
import psutil

from ami.rehearsal.metadata import Metadata
from local.up.environment import local_aws
from local.up.ports import free

REPOSITORY = Path(__file__).resolve().parents[2]
PICTURE, LABEL = "local/samples/coffee.jpg", "espresso"
PATIENCE = 120.0  # seconds for anything
SAID = 4000  # characters of a log that tell what went wrong
UNITS = "etc/systemd/system"
IN_ROOT = ("unshare", "--mount", "--pid", "--fork", "--kill-child", "--", "sh", "-c")


class Failed(Exception):
    """The worker does not do what it should; the text says what."""


def main() -> int:
    """0 where the picture got its label and the worker left as it should."""
    parser = argparse.ArgumentParser(prog="python -m ami.rehearsal.answer")
    parser.add_argument("root", type=Path, help="folder with the image")
    try:
        rehearse(parser.parse_args().root.resolve())
    except Failed as error:
        print(f"failed: {error}", file=sys.stderr)
        return 1
    return 0


def rehearse(root: Path) -> None:
    """Raises Failed."""
    with ExitStack() as ending:
        logs = Path(ending.enter_context(tempfile.TemporaryDirectory()))
        url, user_data = ending.enter_context(service(logs, *islice(free(), 3)))
        metadata = Metadata(user_data)
        ending.callback(metadata.close)
        boot(root, metadata.url)
        worker = ending.enter_context(running(in_root(root, *worker_of(root)), logs / "worker"))
        until(lambda: '"ready"' in (logs / "worker").read_text(), worker, logs / "worker")
        boot_cpu = cpu(worker)
        found = asked(url)
        if found != LABEL:
            raise Failed(f"{PICTURE} is {LABEL!r}, and the worker says {found!r}")
        leave(worker, logs / "worker")
        said = re.search(r'"boot_seconds": ?([0-9.]+)', (logs / "worker").read_text())
        ready = f"ready in {said[1] if said else '?'} s, {boot_cpu:.2f} s of CPU"
        print(f"the worker in {root} says {found!r}, {ready}")


@contextmanager
def service(logs: Path, sqs: int, storage: int, port: int) -> Iterator[tuple[str, str]]:
    """The front end's URL and the user data of a worker, while all three run here on these ports."""
    aws = local_aws(f"http://127.0.0.1:{sqs}", f"http://127.0.0.1:{storage}", "us-east-1")
    settings = {"CLASSIFYCLOUD_DEPLOYMENT": "rehearsal", "CLASSIFYCLOUD_BUCKET": "rehearsal"}
    front = {"CLASSIFYCLOUD_PORT": str(port), "CLASSIFYCLOUD_ACCESS": "public"}
    python = (sys.executable, "-P", "-m")
    with ExitStack() as ending:
        for name, command, extra in (
            ("sqs", (*python, "local.sqs", "--port", str(sqs), "--data", str(logs / "q")), {}),
            (
                "s3",
                (*python, "local.storage", "--port", str(storage), "--data", str(logs / "s")),
                {},
            ),
            ("api", (*python, "api"), front),
        ):
            environment = {**os.environ, **aws, **settings, **extra, "PYTHONPATH": str(REPOSITORY)}
            process = ending.enter_context(running(command, logs / name, environment))
        bucket = f"http://127.0.0.1:{storage}/rehearsal"
        until(lambda: status("PUT", bucket) in (200, 409), process, logs / "s3")
        url = f"http://127.0.0.1:{port}"
        until(lambda: status("GET", f"{url}/readyz") == 200, process, logs / "api")
        told = {n: v for n, v in aws.items() if n.startswith("AWS_ENDPOINT") or "ACCESS_KEY" in n}
        lines = [f"{name}={value}" for name, value in {**told, **settings}.items()]
        yield url, "\n".join(["#classifycloud 1", "START=worker", *lines, ""])


def boot(root: Path, imds: str) -> None:
    """Run the boot script as its unit does, but for where the metadata service is."""
    shutil.rmtree(root / "run/classifycloud", ignore_errors=True)
    command = exec_start(root, "classifycloud-boot")
    asked = [part for part in command if part != "$BOOT_OPTIONS"]
    subprocess.run(
        ["chroot", str(root), *_at_home(), *asked, "--imds", imds], check=True, timeout=PATIENCE
    )
    if not (root / "run/classifycloud/roles/worker").exists():
        raise Failed("the boot script starts no worker")


def worker_of(root: Path) -> list[str]:
    """The worker's command, with its user and variables."""
    files = ("etc/classifycloud/image.env", "run/classifycloud/worker.env")
    lines = [line for file in files for line in (root / file).read_text().splitlines()]
    variables = [shlex.split(line)[0] for line in lines if line]
    become = ["setpriv", "--reuid=classifycloud", "--regid=classifycloud", "--clear-groups"]
    clean = ["--no-new-privs", "env", "-i", "PATH=/usr/bin:/bin", *variables]
    return [*become, *clean, *exec_start(root, "classifycloud-worker")]


def exec_start(root: Path, unit: str) -> list[str]:
    """What a unit of the image starts."""
    text = (root / UNITS / f"{unit}.service").read_text()
    found = re.search(r"^ExecStart=(.+)$", text, re.MULTILINE)
    if found is None:
        raise Failed(f"{unit} starts nothing")
    return shlex.split(found[1])


def in_root(root: Path, *command: str) -> list[str]:
    """A command in the image, with what a machine mounts; the mounts and all it starts end with it."""
    where = shlex.quote(str(root))
    script = (
        f"mount -t proc proc {where}/proc && mount -t sysfs -o ro sysfs {where}/sys && "
        f"mount --rbind /dev {where}/dev && mount -t tmpfs tmpfs {where}/tmp && "
        f"exec chroot {where} {shlex.join([*_at_home(), *command])}"
    )
    return [*IN_ROOT, script]


def _at_home() -> list[str]:
    return ["env", "-C", "/opt/classifycloud/app"]


def asked(url: str) -> str:
    """The best label of the picture."""
    with (REPOSITORY / PICTURE).open("rb") as file:
        answer = httpx.post(f"{url}/classify", files={"file": file}, timeout=PATIENCE)
    if answer.status_code != 200:
        raise Failed(f"{answer.status_code}: {answer.text}")
    return str(answer.json()["result"])


def cpu(worker: "subprocess.Popen[bytes]") -> float:
    """Seconds that it has taken so far, with its decoders."""
    all_of_it = psutil.Process(worker.pid).children(recursive=True)
    return float(sum(each.cpu_times().user + each.cpu_times().system for each in all_of_it))


def leave(worker: "subprocess.Popen[bytes]", log: Path) -> None:
    """SIGTERM, as systemd sends it: the worker finishes and ends with 0."""
    # unshare passes nothing on: the worker is its child, and first process of its name space.
    inside = Path(f"/proc/{worker.pid}/task/{worker.pid}/children").read_text().split()
    os.kill(int(inside[0]), signal.SIGTERM)
    if status := worker.wait(PATIENCE):
        raise Failed(f"told to go, the worker ended with {status}:\n{log.read_text()}")


@contextmanager
def running(
    command: Sequence[str], log: Path, environment: dict[str, str] | None = None
) -> "Iterator[subprocess.Popen[bytes]]":
    """A process that is ended with this, one way or another."""
    with log.open("w") as sink:
        process = subprocess.Popen(command, stdout=sink, stderr=subprocess.STDOUT, env=environment)
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def until(
    check: Callable[[], bool],
    process: "subprocess.Popen[bytes]",
    log: Path,
    seconds: float = PATIENCE,
) -> None:
    """Wait; raises Failed when the process ends or time runs out."""
    end = time.monotonic() + seconds
    while not check():
        if time.monotonic() > end or process.poll() is not None:
            raise Failed(log.read_text(errors="replace")[-SAID:])
        time.sleep(0.05)


def status(method: str, url: str) -> int:
    """Of a request; 0 while nobody listens."""
    try:
        return httpx.request(method, url, timeout=5).status_code
    except httpx.HTTPError:
        return 0


if __name__ == "__main__":
    sys.exit(main())
