# ruff: noqa: S310, S603
"""The far side of `classifycloud remote run`: one file, sent along; it needs Python 3.9 and boto3.

    far.py REGION BUCKET RUN FOLDER SHUTDOWN

It unpacks the working folder, runs the command, puts what that says into the bucket as it says it, packs
what is new or changed, says how it ended, and shuts the instance down (by SHUTDOWN; `true` where it is
somebody else's to end). It gives up by itself when the terminal has shown no sign of life for as long as
the run allows, when spot takes the instance back, and when its time is over.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import tarfile
import threading
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

TICK = 1.0  # seconds
LOOKS = 5  # ticks between looks at what the terminal wants
POLITE, PATIENT = 60.0, 20.0  # seconds for SIGINT, then SIGTERM
SPARE = 10  # minutes between the end of a run's time and the system's own timer: for its outputs
LONGEST = 2880 - 2 * SPARE  # minutes of a command: SSM ends what runs for two days
PIECE = 4 << 20  # bytes of the log in one object at most
TOKENS = "http://169.254.169.254/latest/api/token"
NOTICE = "http://169.254.169.254/latest/meta-data/spot/instance-action"

if TYPE_CHECKING:
    from collections.abc import Callable

    Run = dict[str, Any]  # run.json
    Files = dict[str, tuple[int, int]]  # bytes, nanoseconds


class Box:
    """The run's objects."""

    def __init__(self, region: str, bucket: str, run: str) -> None:
        config = Config(retries={"mode": "standard", "max_attempts": 8})
        self._s3: Any = boto3.client("s3", region_name=region, config=config)
        self._bucket, self._prefix = bucket, f"remote/{run}/"

    def put(self, name: str, data: bytes) -> None:
        self._s3.put_object(Bucket=self._bucket, Key=self._prefix + name, Body=data)

    def read(self, name: str) -> bytes:
        said = self._s3.get_object(Bucket=self._bucket, Key=self._prefix + name)
        return bytes(said["Body"].read())

    def fetch(self, name: str, path: Path) -> None:
        self._s3.download_file(self._bucket, self._prefix + name, str(path))

    def send(self, name: str, path: Path) -> None:
        self._s3.upload_file(str(path), self._bucket, self._prefix + name)

    def age(self, name: str) -> float | None:
        """Seconds since an object was put, by S3's own clock alone; None where there is none."""
        try:
            head = self._s3.head_object(Bucket=self._bucket, Key=self._prefix + name)
        except ClientError as error:
            if error.response["ResponseMetadata"]["HTTPStatusCode"] == 404:
                return None
            raise
        said = head["ResponseMetadata"]["HTTPHeaders"]["date"]
        now = time.mktime(time.strptime(said, "%a, %d %b %Y %H:%M:%S %Z")) - time.timezone
        return max(0.0, now - float(head["LastModified"].timestamp()))


class Log:
    """What the command says, in objects named by the byte at which they begin."""

    def __init__(self, box: Box) -> None:
        self._box, self._held, self._at = box, bytearray(), 0
        self._lock = threading.Lock()

    def take(self, data: bytes) -> None:
        with self._lock:
            self._held += data

    def say(self, text: str) -> None:
        self.take(f"remote: {text}\n".encode())

    def put(self) -> bool:
        """One object, if there is anything; what cannot be put now is put later."""
        with self._lock:
            piece = bytes(self._held[:PIECE])
        if not piece:
            return False
        self._box.put(f"log/{self._at:015d}", piece)
        self._at += len(piece)
        with self._lock:
            del self._held[: len(piece)]
        return True


class Watch:
    """Why the command has to stop, if it has to."""

    def __init__(self, box: Box, run: Run) -> None:
        self._box, self._run, self._count = box, run, 0
        self._ends = time.monotonic() + timers(run)[0]
        self._imds = True

    def reason(self) -> str | None:
        if time.monotonic() > self._ends:
            return "deadline"
        self._count += 1
        if self._count % LOOKS:
            return None
        if self._run["spot"] and self._taken_back():
            return "spot"
        if self._box.age("stop") is not None:
            return "stopped"
        silent = self._box.age("alive")
        grace = self._run["grace"]
        return "lost" if grace and (silent is None or silent > grace) else None

    def _taken_back(self) -> bool:
        if not self._imds:
            return False
        try:
            head = {"X-aws-ec2-metadata-token-ttl-seconds": "60"}
            asked = urllib.request.Request(TOKENS, method="PUT", headers=head)
            token = urllib.request.urlopen(asked, timeout=1).read().decode()
            told = urllib.request.Request(NOTICE, headers={"X-aws-ec2-metadata-token": token})
            return bool(urllib.request.urlopen(told, timeout=1).status == 200)
        except urllib.error.HTTPError:
            return False
        except OSError:
            self._imds = False
            return False


def main(region: str, bucket: str, name: str, folder: str, program: str) -> None:
    box = Box(region, bucket, name)
    run = json.loads(box.read("run.json"))
    shutdown(program, "-c")
    shutdown(program, "-P", f"+{timers(run)[1]}")  # by the system, whatever becomes of this process
    log, work = Log(box), Path(folder)
    code: int | None = None
    reason: str | None = None
    try:
        before = unpacked(box, work)
        code, reason = ran(run, work, log, Watch(box, run))
        packed(box, work, before, log)
    except Exception as error:
        log.say(f"failed: {error!r}")
        reason = reason or "failed"
    last(lambda: drained(log))
    last(lambda: box.put("end.json", json.dumps({"code": code, "reason": reason}).encode()))
    shutdown(program, "-P", "now")


def timers(run: Run) -> tuple[int, int]:
    """Seconds until the command has to end, and minutes until the machine does."""
    return 60 * min(run["minutes"], LONGEST), run["minutes"] + SPARE


def unpacked(box: Box, work: Path) -> Files:
    """The working folder is there; size and time of each of its files."""
    work.mkdir(parents=True, exist_ok=True)
    packet = work.with_name(work.name + ".tar.gz")
    box.fetch("work.tar.gz", packet)
    with tarfile.open(packet) as tar:
        tar.extractall(work)  # noqa: S202 - the terminal's own folder
    packet.unlink()
    return seen(work)


def seen(work: Path) -> Files:
    files = (path for path in work.rglob("*") if path.is_file() and not path.is_symlink())
    return {
        str(path.relative_to(work)): (s.st_size, s.st_mtime_ns)
        for path in files
        for s in [path.stat()]
    }


def ran(run: Run, work: Path, log: Log, watch: Watch) -> tuple[int | None, str | None]:
    """The status that the command ended with, and why it had to end, if it had to."""
    environment = dict(os.environ, PYTHONUNBUFFERED="1", CLASSIFYCLOUD_REMOTE_RUN=run["id"])
    environment["PATH"] = (
        f"{Path(sys.executable).parent}:/usr/local/bin:{os.environ.get('PATH', '')}"
    )
    command = ["/bin/bash", "-c", run["script"]]
    process = subprocess.Popen(
        command,
        cwd=work,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )
    reading = threading.Thread(target=read, args=(process.stdout, log), daemon=True)
    reading.start()
    try:
        reason = followed(process, log, watch)
    finally:
        ended(process)
    reading.join(5)
    return process.returncode, reason


def read(pipe: IO[bytes], log: Log) -> None:
    while data := os.read(pipe.fileno(), 65536):
        log.take(data)


def followed(process: subprocess.Popen[bytes], log: Log, watch: Watch) -> str | None:
    """Put the log until the command ends or has to; an S3 that is away is waited for."""
    while process.poll() is None:
        time.sleep(TICK)
        try:
            while log.put():
                pass
            reason = watch.reason()
        except (BotoCoreError, ClientError) as error:
            told(error)
            continue
        if reason:
            log.say(f"the command has to end: {reason}")
            return reason
    return None


def ended(process: subprocess.Popen[bytes]) -> None:
    """SIGINT, on which trainings save where they are; then less politely, with all that it started."""
    for number, patience in (
        (signal.SIGINT, POLITE),
        (signal.SIGTERM, PATIENT),
        (signal.SIGKILL, 5.0),
    ):
        if process.poll() is not None:
            break
        os.killpg(process.pid, number)
        try:
            process.wait(patience)
        except subprocess.TimeoutExpired:
            continue
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)


def packed(box: Box, work: Path, before: Files, log: Log) -> None:
    """What is new or changed is in the bucket."""
    now = seen(work)
    found = sorted(name for name, state in now.items() if before.get(name) != state)
    packet = work.with_name(work.name + ".out.tar.gz")
    with tarfile.open(packet, "w:gz", compresslevel=1) as tar:
        for name in found:
            tar.add(work / name, arcname=name)
    box.send("out.tar.gz", packet)
    log.say(f"files that are new or changed: {len(found)}, {packet.stat().st_size:,} bytes packed")


def drained(log: Log) -> None:
    while log.put():
        pass


def last(act: Callable[[], None]) -> None:
    """Try until it works: nothing else is left to do, and the deadline ends the instance anyway."""
    while True:
        try:
            act()
            return
        except (BotoCoreError, ClientError) as error:
            told(error)
            time.sleep(5 * TICK)


def told(error: Exception) -> None:
    """For SSM's own log: the bucket cannot be told."""
    sys.stderr.write(f"S3: {error}\n")
    sys.stderr.flush()


def shutdown(program: str, *words: str) -> None:
    subprocess.run([program, *words], check=False)


if __name__ == "__main__":
    main(*sys.argv[1:])
