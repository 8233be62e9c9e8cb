"""The single host on emulated AWS, from `deploy up` to `deploy down`: jobs wait on it, and nowhere in SQS."""

import httpx
import pytest

from tests.deployed import Deployed
from tests.emulator import emulator
from tests.service import wait_until

pytestmark = [pytest.mark.timeout(600), pytest.mark.aws]


@pytest.fixture(scope="module")
def deployed(tmp_path_factory):
    with emulator() as server:
        yield Deployed(server.url, "alone", tmp_path_factory.mktemp("machines"))


def options(deployed) -> list[str]:
    quick = {"TICK": "0.5", "LEASE": "2", "POLL_WAIT": "1", "FLEET_DIR": deployed.folder / "fleet"}
    pairs = ",".join(f"CLASSIFYCLOUD_{key}={value}" for key, value in quick.items())
    given = ["--profile", "single-host", "--client-cidr", "127.0.0.1/32"]
    return [*given, "--image", deployed.image(), "--set", f"ApiSettings={pairs}"]


def test_from_nothing_to_an_answer_to_nothing_without_a_queue_in_sqs(deployed):
    given = options(deployed)
    plan = deployed.document("plan", *given)
    assert {"about": "queue", "mark": "good", "text": "the host's own, on its volume"} in plan[
        "findings"
    ]
    assert plan["monthlyAtLeast"]["queue (on the host)"] == 0.0
    deployed.run("up", *given)
    with deployed.machines() as machines:
        (front,) = machines.front_ends()
        wait_until(lambda: _ready(front), 120, "the front end is ready")
        assert deployed.document("smoke", "--url", front)["result"] == "tabby"
        seen = deployed.document("status", "--url", front)
        assert (seen["frontEnd"], seen["replicas"]) == ("ready", 1)
        assert not deployed.client("sqs").list_queues().get("QueueUrls")
        # What a change would take along is told before anybody makes it.
        again = deployed.document("plan", *given, "--set", "HostType=c7a.large")
        (loss,) = (each for each in again["findings"] if each["about"] == "what waits")
        assert loss["mark"] == "warning"
        assert "replaces the host" in loss["text"]
        assert deployed.document("down", "--yes") == {"kept": {}, "left": {}}
    assert not deployed.client("s3").list_buckets()["Buckets"]


def _ready(front: str) -> bool:
    try:
        return httpx.get(f"{front}/readyz", timeout=5).status_code == 200
    except httpx.HTTPError:
        return False
