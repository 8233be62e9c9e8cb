"""The single host with its own queue: a queue that is killed amid pictures, a reboot, and nothing is lost."""

import contextlib
import re
import shutil
import textwrap
import time
from concurrent.futures import ThreadPoolExecutor

import boto3
import httpx
import pytest
from botocore.exceptions import EndpointConnectionError

from tests import color_bundle
from tests.integration.image.own_host import OwnHost
from tests.servers import ROOT, free_port, storage
from tests.service import FORGETFUL, Origin, wait_until

pytestmark = pytest.mark.timeout(300)
PATIENCE = 120.0
PHOTO = ROOT / "local" / "samples" / "coffee.jpg"
TOLD = re.compile(r"Fn::Base64: !Sub\n +- \|\n((?: {14}.*\n)+)")
ROLES = ("queue", "api", "balancer")
NAME = "coffee.jpg"


def user_data(store: str, origin: Origin, port: int) -> str:
    """What host.yaml tells the host, with S3 and CloudWatch on this machine."""
    told = TOLD.search((ROOT / "deploy/templates/host.yaml").read_text())
    local = {
        "AWS_ENDPOINT_URL_S3": store,
        "AWS_ENDPOINT_URL_CLOUDWATCH": store,
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "CLASSIFYCLOUD_HOST": "127.0.0.1",
        "CLASSIFYCLOUD_PORT": str(port),
        "CLASSIFYCLOUD_FETCH_ALLOW": origin.host,
        # What was received when the queue was killed shows again sooner, and nobody's last poll is long.
        "CLASSIFYCLOUD_VISIBILITY": "4",
        "CLASSIFYCLOUD_POLL_WAIT": "2",
        **{f"CLASSIFYCLOUD_{name.upper()}": value for name, value in FORGETFUL.items()},
    }
    values = {
        "Start": "queue api balancer",
        "LogGroup": "/classifycloud/host",
        "Deployment": "host",
        "AWS::Region": "eu-central-1",
        "BucketName": "host-bucket",
        "InputBuckets": "",
        "Access": "public",
        "Policy": "criterion",
        "More": "\n".join(f"{name}={value}" for name, value in local.items()),
    }
    return re.sub(r"\$\{(.+?)\}", lambda found: values[found[1]], textwrap.dedent(told[1]))


@pytest.fixture
def origin(tmp_path):
    folder = tmp_path / "pages"
    folder.mkdir()
    shutil.copy(PHOTO, folder / "coffee.jpg")
    served = Origin(folder)
    yield served
    served.close()


@pytest.fixture
def host(tmp_path, origin):
    color_bundle.write(tmp_path / "models")
    image = {
        "CLASSIFYCLOUD_MODELS": str(tmp_path / "models"),
        "CLASSIFYCLOUD_MODEL": "colors",
        "CLASSIFYCLOUD_CACHE": str(tmp_path / "cache"),
        "CLASSIFYCLOUD_FLEET_DIR": str(tmp_path / "fleet"),
    }
    with storage(tmp_path / "s3") as store:
        port = free_port()
        told = user_data(store.url, origin, port)
        made = OwnHost(tmp_path, told, image, f"http://127.0.0.1:{port}")
        try:
            yield made
        finally:
            print(made.said())
            made.close()


def test_nothing_is_lost_by_a_queue_that_is_killed_and_by_a_reboot(host, origin):
    assert host.boot() == {"queue", "api", "balancer"}
    for role in ROLES:
        host.start(role)
    with httpx.Client(base_url=host.address, timeout=PATIENCE) as client:
        files = {"file": ("coffee.jpg", PHOTO.read_bytes(), "image/jpeg")}
        wait_until(lambda: ready(client), PATIENCE, "the front end is ready")
        assert client.post("/classify", files=files).status_code == 200

        origin.delay = 0.5
        with ThreadPoolExecutor(1) as pool:
            asked = pool.submit(client.get, "/classify", params={"url": origin.url(f"{NAME}?wait")})
            jobs = begun(client, origin, 12)
            host.kill("queue")
            time.sleep(0.5)  # as long as its unit waits
            host.start("queue")
            assert asked.result().status_code == 200
        done(client, jobs)

        # Its worker goes with it: these are in nobody's hands when the machine goes down.
        assert host.stop("balancer") == [0]
        jobs = begun(client, origin, 5)
    assert host.stop("api", "queue") == [0, 0]

    # What the boot script writes lies in memory, and goes with the machine.
    shutil.rmtree(host.folder / "run")
    host.boot()
    host.start("queue")
    wait_until(lambda: attributes(host, "requests"), PATIENCE, "the queue is there again")
    assert int(attributes(host, "requests")["ApproximateNumberOfMessages"]) == 5
    for role in ROLES[1:]:
        host.start(role)
    with httpx.Client(base_url=host.address, timeout=PATIENCE) as client:
        wait_until(lambda: ready(client), PATIENCE, "the front end is ready again")
        done(client, jobs)
    assert attributes(host, "requests")["QueueArn"].startswith("arn:aws:sqs:eu-central-1:")
    assert attributes(host, "dead-letter")["ApproximateNumberOfMessages"] == "0"


def ready(client: httpx.Client) -> bool:
    with contextlib.suppress(httpx.TransportError):
        return client.get("/readyz").status_code == 200
    return False


def begun(client: httpx.Client, origin: Origin, count: int) -> list[str]:
    """Where so many jobs are asked after."""
    rows = [{"imageUrl": origin.url(f"{NAME}?{each}")} for each in range(count)]
    asked = [client.post("/jobs", json=row) for row in rows]
    assert {each.status_code for each in asked} == {202}
    return [each.headers["location"] for each in asked]


def done(client: httpx.Client, jobs: list[str]) -> None:
    """Each has succeeded at last."""

    def left() -> list[str]:
        return [each for each in jobs if client.get(each).json()["status"] != "succeeded"]

    wait_until(lambda: not left(), PATIENCE, "every job's answer")


def attributes(host: OwnHost, name: str) -> dict[str, str]:
    """Of a queue of the host's; none while it cannot be reached."""
    sqs = boto3.client(
        "sqs",
        endpoint_url=host.queue_url,
        region_name="eu-central-1",
        aws_access_key_id="test",
        aws_secret_access_key="test",
    )
    with contextlib.suppress(EndpointConnectionError):
        url = sqs.get_queue_url(QueueName=f"host-{name}")["QueueUrl"]
        return sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
    return {}
