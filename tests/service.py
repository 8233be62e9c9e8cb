"""The whole service as a user starts it, and an origin that serves it pictures, both real processes."""

import contextlib
import http.server
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import boto3
import httpx
import psutil

BUCKET = "classifycloud"
# Tests count jobs and records, and ask for few pictures often.
FORGETFUL = {"cache_seconds": "0", "seen_answers": "0"}
COMMAND = Path(sys.executable).parent / "classifycloud"


def free_port() -> int:
    """A port that nobody listens on just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_until(check, seconds: float, what: str):
    """Ask again and again until the answer is true; fail with `what` when time runs out."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if answer := check():
            return answer
        time.sleep(0.05)
    raise AssertionError(f"waited {seconds} s in vain: {what}")


class Origin:
    """Serves the files of a folder on loopback; `delay` seconds a picture, to catch jobs midway."""

    def __init__(self, folder: Path, delay: float = 0.0) -> None:
        origin = self
        self.delay = delay
        self.hits: list[str] = []

        class Handler(http.server.SimpleHTTPRequestHandler):
            def __init__(self, *args, **kwargs):
                super().__init__(*args, directory=str(folder), **kwargs)

            def do_GET(self):
                origin.hits.append(self.path)
                time.sleep(origin.delay)
                with contextlib.suppress(BrokenPipeError, ConnectionResetError):
                    super().do_GET()

            def log_message(self, *args):
                pass

        class Server(http.server.ThreadingHTTPServer):
            request_queue_size = 256
            daemon_threads = True

            def handle_error(self, *args):
                pass

        self._server = Server(("127.0.0.1", 0), Handler)
        self.host = f"127.0.0.1:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def url(self, name: str) -> str:
        return f"http://{self.host}/{name}"

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


class Service:
    """A running `classifycloud up`."""

    def __init__(self, data: Path, *options: str, **settings: str) -> None:
        self.data = data
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.output = data.parent / f"{data.name}.out"
        given = FORGETFUL | settings
        self._sink = self.output.open("w")
        self._process = subprocess.Popen(
            [str(COMMAND), "up", "--port", str(self.port), "--data", str(data), *options],
            stdout=self._sink,
            stderr=subprocess.STDOUT,
            env={**os.environ, **{f"CLASSIFYCLOUD_{k.upper()}": v for k, v in given.items()}},
            start_new_session=True,
        )

    @property
    def pid(self) -> int:
        return self._process.pid

    def printed(self) -> str:
        return self.output.read_text()

    def wait_ready(self, workers: int = 0, seconds: float = 60) -> None:
        """Until the front end is ready, and so many workers live."""
        wait_until(lambda: self.get("/readyz") == 200, seconds, self.printed())
        wait_until(lambda: len(self.pids("worker")) >= workers, seconds, self.printed())

    def get(self, path: str) -> int:
        """The status of a GET, 0 while nobody listens."""
        try:
            return httpx.get(f"{self.url}{path}", timeout=5).status_code
        except httpx.HTTPError:
            return 0

    def pids(self, module: str) -> list[int]:
        """The processes of this service that run `python -m MODULE`."""
        return [p.pid for p in self.processes() if ("-m", module) in pairwise(_arguments(p))]

    def processes(self) -> list[psutil.Process]:
        """Everything that runs over this service's data, orphans of a killed parent included."""
        mark = f"CLASSIFYCLOUD_TEST_DATA={self.data}"
        return [
            p for p in psutil.process_iter() if mark in _environment(p) and p.pid != os.getpid()
        ]

    def s3(self):
        """A client of the service's own store, to look at it as an operator would."""
        (api,) = self.pids("api")
        return boto3.client(
            "s3",
            endpoint_url=psutil.Process(api).environ()["AWS_ENDPOINT_URL_S3"],
            region_name="us-east-1",
            aws_access_key_id="local",
            aws_secret_access_key="local",
        )

    def sqs(self):
        """A client of the service's own queues."""
        (api,) = self.pids("api")
        return boto3.client(
            "sqs",
            endpoint_url=psutil.Process(api).environ()["AWS_ENDPOINT_URL_SQS"],
            region_name="us-east-1",
            aws_access_key_id="local",
            aws_secret_access_key="local",
        )

    def records(self) -> list[dict]:
        """Every record in S3: one dictionary a line."""
        s3 = self.s3()
        pages = s3.get_paginator("list_objects_v2").paginate(Bucket=BUCKET, Prefix="records/")
        keys = [row["Key"] for page in pages for row in page.get("Contents", [])]
        bodies = [s3.get_object(Bucket=BUCKET, Key=key)["Body"].read().decode() for key in keys]
        return [json.loads(line) for body in bodies for line in body.splitlines()]

    def depth(self, name: str) -> int:
        """Messages in a queue, waiting and in flight."""
        sqs = self.sqs()
        url = sqs.get_queue_url(QueueName=f"classifycloud-{name}")["QueueUrl"]
        names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        found = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=names)["Attributes"]
        return sum(int(found[name]) for name in names)

    def queues(self) -> list[str]:
        """The names of all its queues."""
        urls = self.sqs().list_queues().get("QueueUrls", [])
        return sorted(url.rsplit("/", 1)[-1] for url in urls)

    def stop(self) -> int:
        """Ctrl-C; the exit code. Fails when anything is left behind."""
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGINT)
        try:
            code = self._process.wait(60)
            wait_until(lambda: not self.processes(), 10, f"left behind: {self.processes()}")
        finally:
            self._sink.close()
            for process in self.processes():
                with contextlib.suppress(psutil.NoSuchProcess):
                    process.kill()
        return code


def _arguments(process: psutil.Process) -> list[str]:
    try:
        return process.cmdline()
    except psutil.Error:
        return []


def _environment(process: psutil.Process) -> set[str]:
    try:
        return {f"{key}={value}" for key, value in process.environ().items()}
    except psutil.Error:
        return set()


@contextlib.contextmanager
def service(data: Path, *options: str, **settings: str) -> Iterator[Service]:
    """Start the whole service, stop it at the end; every child carries the mark of its data folder."""
    running = Service(data, *options, test_data=str(data), **settings)
    try:
        yield running
    except BaseException:
        print(running.printed()[-4000:])
        for log in sorted(data.glob("logs/*.log")):
            print(f"--- {log.name}\n{log.read_text()[-3000:]}")
        raise
    finally:
        running.stop()
