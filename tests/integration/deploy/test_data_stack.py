"""The data stack, made on a moto server: every resource asked after through its own API, and held to what the
processes would have made themselves."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import boto3
import pytest
from cfnlint.decode import decode

from tests.servers import moto_server
from wire import topology
from wire.names import (
    QueueNames,
    features_key,
    idempotency_key,
    job_key,
    picture_key,
    records_key,
    result_key,
    suspect_key,
    upload_key,
)
from wire.queues import QueueMissing
from wire.sqs import SqsQueues

pytestmark = pytest.mark.timeout(180)
TEMPLATE = Path(__file__).resolve().parents[3] / "deploy" / "templates" / "data.yaml"
NAME = "try-out"
ALL = ["All"]
TUNED = ("VisibilityTimeout", "MessageRetentionPeriod")


class Account:
    """boto3's clients of an account in which the stack was made."""

    def __init__(self, endpoint: str) -> None:
        def client(service):
            return boto3.client(
                service,
                region_name="us-east-1",
                endpoint_url=endpoint,
                aws_access_key_id="test",
                aws_secret_access_key="test",
            )

        self.sqs, self.s3, self.cloudformation = map(client, ("sqs", "s3", "cloudformation"))

    def attributes(self, name: str) -> dict[str, str]:
        url = self.sqs.get_queue_url(QueueName=name)["QueueUrl"]
        return self.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=ALL)["Attributes"]


@pytest.fixture(scope="module")
def account() -> Iterator[Account]:
    with moto_server() as url:
        account = Account(url)
        account.cloudformation.create_stack(
            StackName="data",
            TemplateBody=TEMPLATE.read_text(),
            Parameters=[{"ParameterKey": "Deployment", "ParameterValue": NAME}],
        )
        yield account


@pytest.fixture(scope="module")
def outputs(account) -> dict[str, str]:
    stack = account.cloudformation.describe_stacks(StackName="data")["Stacks"][0]
    assert stack["StackStatus"] == "CREATE_COMPLETE"
    return {row["OutputKey"]: row["OutputValue"] for row in stack["Outputs"]}


@pytest.fixture
async def made_by_processes():
    """Attributes of the queues that a process makes where there are none, by the queue's last word."""
    options = {}

    class Recorded(SqsQueues):
        def __init__(self) -> None:
            pass

        async def ensure(self, name, given):
            options[name] = given

        async def open(self, name, visibility=None):
            if name not in options:
                raise QueueMissing(name)
            return name

    await topology.open_shared(Recorded(), QueueNames(NAME))
    return options


async def test_queues_are_those_that_processes_would_make(account, made_by_processes) -> None:
    assert len(made_by_processes) == 4
    for name, options in made_by_processes.items():
        found = account.attributes(name)
        expected = (str(options.visibility), str(options.retention))
        assert tuple(found[each] for each in TUNED) == expected, name
        redrive = json.loads(found.get("RedrivePolicy", "{}"))
        if options.dead_letter is None:
            assert not redrive
        else:
            assert redrive["deadLetterTargetArn"].endswith(f":{options.dead_letter}")
            assert int(redrive["maxReceiveCount"]) == options.max_receives


def test_the_bucket_is_there(account, outputs) -> None:
    account.s3.head_bucket(Bucket=outputs["BucketName"])
    assert outputs["BucketName"].startswith(f"{NAME}-")


# What moto does not make of a template is read in the template itself.


@pytest.fixture(scope="module")
def resources() -> dict[str, dict]:
    template, faults = decode(str(TEMPLATE))
    assert not faults
    return template["Resources"]


def test_queues_are_encrypted_and_refuse_what_is_not(resources) -> None:
    queues = {name: each for name, each in resources.items() if each["Type"] == "AWS::SQS::Queue"}
    assert len(queues) == 4
    assert all(each["Properties"]["SqsManagedSseEnabled"] is True for each in queues.values())
    policy = resources["OnlyEncrypted"]["Properties"]
    assert {each["Ref"] for each in policy["Queues"]} == set(queues)
    (statement,) = policy["PolicyDocument"]["Statement"]
    assert {arn["Fn::GetAtt"][0] for arn in statement["Resource"]} == set(queues)


def test_only_the_requests_queue_may_redrive(resources) -> None:
    allowed = resources["DeadLetter"]["Properties"]["RedriveAllowPolicy"]
    (source,) = allowed["sourceQueueArns"]
    assert allowed["redrivePermission"] == "byQueue"
    assert source["Fn::Sub"].endswith(":${Deployment}-requests")


def test_the_bucket_is_private_and_encrypted_and_outlives_the_stack(resources) -> None:
    bucket = resources["Bucket"]
    settings = bucket["Properties"]
    assert set(settings["PublicAccessBlockConfiguration"].values()) == {True}
    assert settings["OwnershipControls"]["Rules"] == [{"ObjectOwnership": "BucketOwnerEnforced"}]
    assert settings["BucketEncryption"]["ServerSideEncryptionConfiguration"]
    assert bucket["DeletionPolicy"] == bucket["UpdateReplacePolicy"] == "Retain"


def test_nobody_reaches_the_bucket_without_tls(resources) -> None:
    policy = resources["BucketOnlyEncrypted"]["Properties"]
    (statement,) = policy["PolicyDocument"]["Statement"]
    assert policy["Bucket"] == {"Ref": "Bucket"}
    assert (statement["Effect"], statement["Principal"]) == ("Deny", "*")
    assert statement["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
    assert len(statement["Resource"]) == 2


def test_all_that_grows_expires_and_nothing_that_must_stay(resources) -> None:
    rules = resources["Bucket"]["Properties"]["LifecycleConfiguration"]["Rules"]
    expiring = {rule["Prefix"]: rule["ExpirationInDays"] for rule in rules if "Prefix" in rule}
    growing = (
        result_key("a"),
        job_key("a"),
        suspect_key("a"),
        idempotency_key("a", "b"),
        upload_key("a"),
        features_key("a"),
        picture_key("a"),
        records_key(datetime.now(UTC), "a"),
        "ticks/2026/01/01/00/a.jsonl",
    )
    for key in growing:
        assert any(key.startswith(prefix) for prefix in expiring), key
    for key in (
        "state/keys.json",
        "state/ledger.json",
        "state/leader.json",
        "models/a/1/model.xml",
    ):
        assert not any(key.startswith(prefix) for prefix in expiring), key
    # Keys are honored for 24 h; a rule of one day may remove what is a minute past midnight old.
    assert expiring["idempotency/"] >= 2
    assert expiring["results/"] > expiring["idempotency/"]
