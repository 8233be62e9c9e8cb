"""A real `python -m balancer` with the EC2 fleet, all of AWS being a moto server."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import boto3
import pytest

from tests.integration.balancing import until
from tests.servers import moto_server
from wire.messages import Report

pytestmark = pytest.mark.timeout(240)
DEPLOYMENT = "whole"
ACCESS = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"}


class Account:
    """What the test looks at from outside."""

    def __init__(self, url: str) -> None:
        self.environment = {**ACCESS, "AWS_ENDPOINT_URL": url, "AWS_DEFAULT_REGION": "us-east-1"}
        session = boto3.session.Session("test", "test", region_name="us-east-1")
        self.ec2, self.sqs, s3 = (
            session.client(service, endpoint_url=url) for service in ("ec2", "sqs", "s3")
        )
        s3.create_bucket(Bucket=DEPLOYMENT)
        image = self.ec2.describe_images()["Images"][0]["ImageId"]
        self.ec2.create_launch_template(
            LaunchTemplateName="workers", LaunchTemplateData={"ImageId": image}
        )
        # moto reads what it knows of EC2 at the first launch, which can take it longer than the balancer
        # waits for an answer; and it knows no ClientToken: a repeated launch would be a second instance.
        warm = self.ec2.run_instances(
            LaunchTemplate={"LaunchTemplateName": "workers"}, MinCount=1, MaxCount=1
        )
        self.ec2.terminate_instances(InstanceIds=[warm["Instances"][0]["InstanceId"]])

    def instances(self, *states: str) -> list[dict]:
        own = [{"Name": "tag:classifycloud-deployment", "Values": [DEPLOYMENT]}]
        found = self.ec2.describe_instances(Filters=own)["Reservations"]
        every = [each for reservation in found for each in reservation["Instances"]]
        return [each for each in every if not states or each["State"]["Name"] in states]

    def alive(self) -> list[str]:
        return sorted(each["InstanceId"] for each in self.instances("pending", "running"))

    def send(self, queue: str, *bodies: str) -> None:
        url = self.sqs.get_queue_url(QueueName=f"{DEPLOYMENT}-{queue}")["QueueUrl"]
        for body in bodies:
            self.sqs.send_message(QueueUrl=url, MessageBody=body)


@contextmanager
def balancer(account: Account, log: Path) -> Iterator[subprocess.Popen[bytes]]:
    """The process, killed at the end if it has not gone."""
    settings = {
        "fleet": "ec2",
        "ec2_template": "workers",
        "deployment": DEPLOYMENT,
        "bucket": DEPLOYMENT,
        "tick": 0.5,
        "lease": 2,
        "policy": "criterion",
        "qos": 1,
        "min_workers": 1,
        "max_workers": 3,
    }
    named = {f"CLASSIFYCLOUD_{name.upper()}": str(value) for name, value in settings.items()}
    with log.open("ab") as sink:
        process = subprocess.Popen(
            [sys.executable, "-m", "balancer"],
            env={**os.environ, **account.environment, **named},
            stdout=sink,
            stderr=sink,
        )
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def seen(check: Callable[[], bool], what: str, log: Path, seconds: float) -> None:
    """Wait for what the account is to show; in vain, the balancer's own words say why."""
    try:
        until(check, what, seconds)
    except AssertionError as error:
        raise AssertionError(f"{error}; the balancer's log:\n{log.read_text()}") from None


def ticks(log: Path) -> int:
    lines = [line for line in log.read_text().splitlines() if line.startswith("{")]
    return sum(json.loads(line)["event"] == "tick" for line in lines)


@pytest.fixture(scope="module")
def account() -> Iterator[Account]:
    with moto_server() as url:
        yield Account(url)


def test_instances_come_with_the_queue_outlive_their_balancer_and_are_adopted(account, tmp_path):
    log = tmp_path / "balancer.log"
    with balancer(account, log) as first:
        seen(lambda: len(account.alive()) > 0, "the least number of workers", log, 120)
        assert len(account.alive()) == 1, log.read_text()
        account.send("requests", "a", "b", "c", "d", "e")
        seen(lambda: len(account.alive()) == 3, "the greatest number of workers", log, 60)
        for worker in account.alive():
            account.send("reports", Report(sender=worker, kind="worker", state="ready").encode())
        first.send_signal(signal.SIGTERM)
        assert first.wait(60) == 0
    before = account.alive()
    assert len(before) == 3
    with balancer(account, log) as second:
        began = ticks(log)
        seen(lambda: ticks(log) >= began + 5, "five ticks more", log, 120)
        assert account.alive() == before
        account.ec2.terminate_instances(InstanceIds=before[:1])
        seen(lambda: len(account.alive()) == 3, "the one that went is replaced", log, 60)
        second.send_signal(signal.SIGINT)
        assert second.wait(60) == 0
    assert len(account.instances()) == 4
