"""A real `python -m balancer` over real local endpoints, for tests: started, looked at, told to stop."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import boto3
import psutil

from tests.servers import Server

BUCKET = "classifycloud"
POLL_WAIT = 1  # seconds; an idle worker that is told to go waits for its open poll


class Endpoints:
    """Queues and store; every test has a deployment of its own. `environment` leads a process there."""

    def __init__(self, queue: Server, store: Server) -> None:
        self.queue = queue
        self.store = store
        self.deployment = ""
        self.environment = {
            "AWS_ENDPOINT_URL_SQS": queue.url,
            "AWS_ENDPOINT_URL_S3": store.url,
            "AWS_ENDPOINT_URL_CLOUDWATCH": store.url,
            "AWS_ACCESS_KEY_ID": "local",
            "AWS_SECRET_ACCESS_KEY": "local",
        }
        self.sqs = self.client("sqs", queue)
        self.s3 = self.client("s3", store)
        self.cloudwatch = self.client("cloudwatch", store)

    def client(self, service: str, server: Server) -> Any:
        return boto3.client(
            service,
            endpoint_url=server.url,
            region_name="us-east-1",
            aws_access_key_id="local",
            aws_secret_access_key="local",
        )

    def name(self, name: str) -> str:
        return f"{self.deployment}-{name}"

    def make(self, name: str) -> None:
        self.sqs.create_queue(QueueName=self.name(name))

    def url(self, name: str) -> str:
        return self.sqs.get_queue_url(QueueName=self.name(name))["QueueUrl"]

    def send(self, name: str, *bodies: str) -> None:
        url = self.url(name)
        for batch in (bodies[at : at + 10] for at in range(0, len(bodies), 10)):
            entries = [{"Id": str(at), "MessageBody": body} for at, body in enumerate(batch)]
            sent = self.sqs.send_message_batch(QueueUrl=url, Entries=entries)
            assert len(sent["Successful"]) == len(batch)

    def depth(self, name: str) -> int:
        names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        got = self.sqs.get_queue_attributes(QueueUrl=self.url(name), AttributeNames=names)
        return sum(int(value) for value in got["Attributes"].values())

    def metrics(self) -> set[str]:
        chosen = [{"Name": "Deployment", "Value": self.deployment}]
        got = self.cloudwatch.list_metrics(Namespace="ClassifyCloud", Dimensions=chosen)
        return {metric["MetricName"] for metric in got["Metrics"]}

    def queues(self) -> list[str]:
        urls = self.sqs.list_queues(QueueNamePrefix=self.name("responses-")).get("QueueUrls", [])
        return [url.rsplit("/", 1)[-1] for url in urls]


class Running:
    """A balancer process, its log, and the workers that its folder records."""

    def __init__(self, process: subprocess.Popen[bytes], log: Path, fleet: Path) -> None:
        self.process = process
        self._log = log
        self._fleet = fleet

    def events(self, name: str) -> list[dict[str, Any]]:
        lines = [json.loads(line) for line in self._log.read_text().splitlines() if line[:1] == "{"]
        return [line for line in lines if line["event"] == name and line["process"] == "balancer"]

    def text(self) -> str:
        return self._log.read_text()

    def workers(self) -> list[int]:
        records = [json.loads(path.read_text()) for path in self._fleet.glob("*.json")]
        return [record["pid"] for record in records if record["pid"] and is_alive(record["pid"])]

    def stop(self, number: int = signal.SIGTERM) -> int:
        self.process.send_signal(number)
        return self.process.wait(60)


def is_alive(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def until(check: Callable[[], Any], what: str, seconds: float = 60.0) -> Any:
    end = time.monotonic() + seconds
    while not (answer := check()):
        assert time.monotonic() < end, f"waited in vain: {what}"
        time.sleep(0.05)
    return answer


@contextmanager
def balancer(endpoints: Endpoints, folder: Path, **settings: object) -> Iterator[Running]:
    """A balancer that ticks twice a second; whatever it leaves is killed at the end."""
    chosen = {
        "tick": 0.5,
        # The policy whose workers go soonest: other tests are about the policies.
        "policy": "criterion",
        "kill_all_delay": 2,
        "min_workers": 0,
        "poll_wait": POLL_WAIT,
        "deployment": endpoints.deployment,
        "bucket": endpoints.deployment,
        "fleet_dir": folder / "fleet",
        **settings,
    }
    named = {f"CLASSIFYCLOUD_{name.upper()}": str(value) for name, value in chosen.items()}
    endpoints.s3.create_bucket(Bucket=endpoints.deployment)
    log = folder / "balancer.log"
    with log.open("ab") as sink:
        process = subprocess.Popen(
            [sys.executable, "-m", "balancer"],
            env={**os.environ, **endpoints.environment, **named},
            stdout=sink,
            stderr=sink,
        )
    running = Running(process, log, folder / "fleet")
    try:
        yield running
    except BaseException:
        print(running.text()[-6000:])
        raise
    finally:
        process.kill()
        process.wait()
        for pid in running.workers():
            os.kill(pid, signal.SIGKILL)
