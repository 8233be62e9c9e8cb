"""Real processes, each under a name of its own: what they call is what their roles allow."""

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
import time
import uuid

import boto3
import httpx
import pytest

from tests import color_bundle
from tests.integration.deploy.conftest import BUCKET, NAME
from tests.integration.deploy.policies import allowed
from tests.integration.deploy.recorder import Recorder
from tests.receiver import Receiver
from tests.servers import ROOT, free_port, sqs, storage
from tests.service import COMMAND, Origin, wait_until
from wire.aws import Aws
from wire.messages import Job
from wire.names import QueueNames
from wire.sqs import SqsQueues
from wire.topology import open_durable, open_shared

pytestmark = pytest.mark.timeout(240)
PATIENCE = 90.0
NAMES = QueueNames(NAME)
DURABLE = ("outcomes", "chores")
PHOTO = (ROOT / "local" / "samples" / "coffee.jpg").read_bytes()
MODULES = {"ApiRole": "api", "WorkerRole": "worker", "BalancerRole": "balancer"}
SETTINGS = {
    "access": "public",
    "deployment": NAME,
    "bucket": BUCKET,
    "model": "colors",
    "fleet": "dry-run",
    "tick": "0.5",
    "poll_wait": "1",
    "heartbeat": "1",
    "reap_after": "4",
    "record": "picture",
    "wait": "20",
}


@pytest.fixture(scope="module")
def endpoints(tmp_path_factory):
    """The local endpoints by the names that boto3 has for them."""
    folder = tmp_path_factory.mktemp("aws")
    with sqs(folder / "sqs") as queue, storage(folder / "s3") as store:
        yield {"SQS": queue.url, "S3": store.url, "CLOUDWATCH": store.url}


@pytest.fixture(scope="module")
def account(endpoints):
    """boto3's clients of the operator, past the recorders."""

    def client(service):
        return boto3.client(
            service,
            endpoint_url=endpoints[service.upper()],
            region_name="us-east-1",
            aws_access_key_id="operator",
            aws_secret_access_key="operator",
        )

    return {service: client(service) for service in ("sqs", "s3")}


@pytest.fixture(scope="module")
def recorders(endpoints):
    kinds = {"SQS": "sqs", "S3": "s3", "CLOUDWATCH": "monitoring"}
    made = {name: Recorder(kinds[name], url) for name, url in endpoints.items()}
    yield made
    for recorder in made.values():
        recorder.close()


@pytest.fixture
def deployment(account, endpoints, monkeypatch, tmp_path):
    """What the data stack makes."""
    monkeypatch.setenv("AWS_ENDPOINT_URL_SQS", endpoints["SQS"])
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "operator")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "operator")
    account["s3"].create_bucket(Bucket=BUCKET)
    asyncio.run(_queues())
    color_bundle.write(tmp_path / "models")


async def _queues() -> None:
    aws = Aws("us-east-1")
    queues = SqsQueues(aws)
    await open_shared(queues, NAMES)
    await open_durable(queues, NAMES)
    await queues.close()
    await aws.close()


@pytest.fixture
def start(recorders, tmp_path):
    """Starts a process under a role's name; all end with the test."""
    running: dict[str, subprocess.Popen] = {}

    def begin(role: str, **settings: str) -> subprocess.Popen:
        module = MODULES[role]
        given = SETTINGS | {
            "models": str(tmp_path / "models"),
            "fleet_dir": str(tmp_path / "fleet"),
        }
        env = {f"CLASSIFYCLOUD_{key.upper()}": value for key, value in (given | settings).items()}
        env |= {f"AWS_ENDPOINT_URL_{name}": each.url for name, each in recorders.items()}
        env |= {"AWS_ACCESS_KEY_ID": role, "AWS_SECRET_ACCESS_KEY": role}
        with (tmp_path / f"{module}.log").open("wb") as sink:
            running[role] = subprocess.Popen(
                [sys.executable, "-m", module],
                cwd=ROOT,
                env=os.environ | env,
                stdout=sink,
                stderr=sink,
            )
        return running[role]

    yield begin
    for process in running.values():
        process.kill()
        process.wait()


def url_of(account, name: str) -> str:
    return account["sqs"].get_queue_url(QueueName=name)["QueueUrl"]


def suspicious_job(account) -> str:
    """A job that a worker has received before, and did not finish."""
    job = Job(
        uuid=str(uuid.uuid4()),
        image_url="https://example.com/a.jpg",
        reply_to=f"{NAME}-responses-x",
    )
    url = url_of(account, NAMES.requests)
    account["sqs"].send_message(QueueUrl=url, MessageBody=job.encode())
    (message,) = account["sqs"].receive_message(QueueUrl=url, WaitTimeSeconds=5)["Messages"]
    account["sqs"].change_message_visibility(
        QueueUrl=url, ReceiptHandle=message["ReceiptHandle"], VisibilityTimeout=0
    )
    return job.uuid


def orphaned_answers(account) -> str:
    """The queue of a replica that is no more, with an answer in it."""
    name = NAMES.responses("gone")
    url = account["sqs"].create_queue(QueueName=name)["QueueUrl"]
    answer = f'{{"schema":1,"uuid":"{uuid.uuid4()}","imageUrl":"https://example.com/a.jpg"}}'
    account["sqs"].send_message(QueueUrl=url, MessageBody=answer)
    account["sqs"].send_message(QueueUrl=url, MessageBody="no answer")
    return name


def secret_of_webhooks(endpoints) -> None:
    """As the operator makes it."""
    env = {f"AWS_ENDPOINT_URL_{name}": url for name, url in endpoints.items()}
    env |= {"CLASSIFYCLOUD_BUCKET": BUCKET, "CLASSIFYCLOUD_DEPLOYMENT": NAME}
    command = [COMMAND, "webhooks", "secret"]
    subprocess.run(command, env=os.environ | env, cwd=ROOT, check=True, capture_output=True)


def use(service: str, origin: Origin, receiver: Receiver) -> None:
    """All that clients do: by address, by bytes, with a key, twice, later, too late, by id."""
    with httpx.Client(base_url=service, timeout=60) as client:
        wait_until(lambda: _ready(client), PATIENCE, "the front end")
        cat = {"url": origin.url("coffee.jpg")}
        # On a busy machine the first worker may take longer to boot than a client waits.
        asked = lambda: client.get("/classify", params=cat).status_code == 200  # noqa: E731
        wait_until(asked, PATIENCE, "the first answer")
        files = {"file": ("coffee.jpg", PHOTO, "image/jpeg")}
        assert client.post("/classify", files=files).status_code == 200
        named = {"Idempotency-Key": "first"}
        said = [client.post("/classify", files=files, headers=named) for _ in range(2)]
        assert [each.status_code for each in said] == [200, 200]
        kept = client.get(f"/jobs/{said[0].json()['uuid']}")
        assert kept.status_code == 200
        _many(client, origin, receiver)
        origin.delay = 3.0
        _later(client, origin)
        origin.delay = 10.0
        late = client.get("/classify", params={"url": origin.url("late.jpg")}, timeout=60)
        assert late.status_code == 504
        name = late.json()["error"]["job"]
        wait_until(
            lambda: client.get(f"/jobs/{name}").status_code == 200, PATIENCE, "the late answer"
        )


def _many(client: httpx.Client, origin: Origin, receiver: Receiver) -> None:
    """A bulk job whose end somebody is told of, its results, its removal."""
    rows = [origin.url("coffee.jpg"), origin.url("none.jpg")]
    asked = client.post("/jobs", json={"urls": rows, "webhook": {"url": receiver.url("bulk")}})
    assert asked.status_code == 202, asked.text
    where = asked.headers["location"]
    wait_until(lambda: client.get(where).json()["results"], PATIENCE, "the bulk job's results")
    assert len(client.get(f"{where}/results").text.splitlines()) == 2
    wait_until(lambda: receiver.told("bulk"), PATIENCE, "the webhook")
    retried = client.post(f"{where}/retry")
    assert retried.status_code == 202, retried.text
    assert client.delete(where).status_code == 204


def _later(client: httpx.Client, origin: Origin) -> None:
    """A job, in a worker's hands for so long that it is said, and another that is canceled."""
    asked = client.post("/jobs", json={"imageUrl": origin.url("coffee.jpg")})
    where = asked.headers["location"]
    for state in ("running", "succeeded"):
        wait_until(lambda state=state: client.get(where).json()["status"] == state, PATIENCE, state)
    assert client.delete(where).status_code == 204
    other = client.post("/jobs", files={"file": ("coffee.jpg", PHOTO, "image/jpeg")})
    assert client.post(f"{other.headers['location']}/cancel").status_code == 200


def _ready(client: httpx.Client) -> bool:
    with contextlib.suppress(httpx.TransportError):
        return client.get("/readyz").status_code == 200
    return False


def test_what_processes_call_is_what_their_roles_allow(
    roles, recorders, endpoints, account, deployment, start, tmp_path
) -> None:
    pages = tmp_path / "pages"
    pages.mkdir()
    for name in ("coffee.jpg", "late.jpg"):
        (pages / name).write_bytes(PHOTO)
    origin, receiver, port = Origin(pages), Receiver(), free_port()
    secret_of_webhooks(endpoints)
    requests = url_of(account, NAMES.requests)
    account["sqs"].send_message(QueueUrl=requests, MessageBody="no job")
    suspicious_job(account)
    orphan = orphaned_answers(account)
    started = [
        start(
            "ApiRole",
            port=str(port),
            wait="8",
            fetch_allow=origin.host,
            webhook_allow=receiver.host,
        ),
        start("WorkerRole", fetch_allow=origin.host),
        start("BalancerRole"),
    ]
    try:
        use(f"http://127.0.0.1:{port}", origin, receiver)
        wait_until(lambda: orphan not in _queue_names(account), PATIENCE, "the orphan's end")
        wait_until(lambda: _poisoned(account), PATIENCE, "what is no job, set aside")
        # A moment after its late answer can be read the front end owes none, and removes its queue itself.
        time.sleep(2.0)
    finally:
        origin.close()
        receiver.close()
        for process in started:
            process.send_signal(signal.SIGTERM)
    assert [process.wait(PATIENCE) for process in started] == [0, 0, 0]

    made = {role: set() for role in MODULES}
    for recorder in recorders.values():
        for role, call in recorder.calls:
            made[role].add(call)
    for role, calls in made.items():
        documents = roles[role]["documents"]
        assert [call for call in calls if not allowed(documents, call)] == [], role
    # That much was seen at least: an empty list proves nothing.
    actions = {role: {call.action for call in calls} for role, calls in made.items()}
    assert {"sqs:SendMessage", "sqs:DeleteQueue", "s3:PutObject"} <= actions["ApiRole"]
    assert {"sqs:ReceiveMessage", "s3:PutObject", "s3:DeleteObject"} <= actions["WorkerRole"]
    upon = {call.resource for call in made["ApiRole"]}
    assert {f"arn:aws:sqs:us-east-1:123456789012:{NAME}-{each}" for each in DURABLE} <= upon
    assert any("/hooks/" in each for each in upon)
    assert any("/bulk/" in each for each in upon)
    assert {"sqs:DeleteQueue", "cloudwatch:PutMetricData"} <= actions["BalancerRole"]


def _queue_names(account) -> set[str]:
    urls = account["sqs"].list_queues().get("QueueUrls", [])
    return {url.rpartition("/")[2] for url in urls}


def _poisoned(account) -> bool:
    found = account["sqs"].receive_message(
        QueueUrl=url_of(account, NAMES.dead_letter), WaitTimeSeconds=1, VisibilityTimeout=0
    )
    return bool(found.get("Messages"))
