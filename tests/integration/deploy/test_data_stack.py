"""What is kept, as the stack makes it, held to what the processes would have made themselves."""

import json
from datetime import UTC, datetime

import pytest

from tests.integration.deploy.conftest import NAME
from tests.integration.deploy.made import Account, make_part
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
    working_key,
)
from wire.queues import QueueMissing
from wire.sqs import SqsQueues

pytestmark = pytest.mark.timeout(300)
TUNED = ("VisibilityTimeout", "MessageRetentionPeriod")


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
    await topology.open_durable(Recorded(), QueueNames(NAME))
    return options


async def test_queues_are_those_that_processes_would_make(service, made_by_processes) -> None:
    assert len(made_by_processes) == 6
    for name, options in made_by_processes.items():
        found = attributes(service.account, name)
        expected = (str(options.visibility), str(options.retention))
        assert tuple(found[each] for each in TUNED) == expected, name
        redrive = json.loads(found.get("RedrivePolicy", "{}"))
        if options.dead_letter is None:
            assert not redrive
        else:
            assert redrive["deadLetterTargetArn"].endswith(f":{options.dead_letter}")
            assert int(redrive["maxReceiveCount"]) == options.max_receives


def attributes(account: Account, name: str) -> dict[str, str]:
    url = account.sqs.get_queue_url(QueueName=name)["QueueUrl"]
    return account.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]


# What moto does not make of a template is read in the template itself.


@pytest.fixture
def resources(resources_of) -> dict[str, dict]:
    return resources_of("Data")


def test_queues_are_encrypted_and_refuse_what_is_not(resources) -> None:
    queues = {name: each for name, each in resources.items() if each["Type"] == "AWS::SQS::Queue"}
    assert len(queues) == 6
    assert all(each["Properties"]["SqsManagedSseEnabled"] is True for each in queues.values())
    policy = resources["OnlyEncrypted"]["Properties"]
    assert {each["Ref"] for each in policy["Queues"]} == set(queues)
    (statement,) = policy["PolicyDocument"]["Statement"]
    assert {arn["Fn::GetAtt"][0] for arn in statement["Resource"]} == set(queues)


async def test_a_queue_takes_what_is_set_aside_from_those_it_is_for(
    resources, made_by_processes
) -> None:
    allowed = {
        each["Properties"]["QueueName"]["Fn::Sub"].removeprefix("${Deployment}"): _sources(each)
        for each in resources.values()
        if each["Type"] == "AWS::SQS::Queue"
    }
    expected = {name.removeprefix(NAME): set() for name in made_by_processes}
    for name, options in made_by_processes.items():
        if options.dead_letter is not None:
            expected[options.dead_letter.removeprefix(NAME)].add(name.removeprefix(NAME))
    assert allowed == expected


def _sources(queue: dict) -> set[str]:
    allowed = queue["Properties"]["RedriveAllowPolicy"]
    if allowed["redrivePermission"] == "denyAll":
        return set()
    assert allowed["redrivePermission"] == "byQueue"
    return {each["Fn::Sub"].rpartition("${Deployment}")[2] for each in allowed["sourceQueueArns"]}


def test_the_bucket_is_private_and_encrypted_and_outlives_the_stack(resources) -> None:
    bucket = resources["Bucket"]
    settings = bucket["Properties"]
    assert set(settings["PublicAccessBlockConfiguration"].values()) == {True}
    assert settings["OwnershipControls"]["Rules"] == [{"ObjectOwnership": "BucketOwnerEnforced"}]
    assert settings["BucketEncryption"]["ServerSideEncryptionConfiguration"]
    # One whose creation failed is not in the way of the next.
    assert bucket["DeletionPolicy"] == "RetainExceptOnCreate"
    assert bucket["UpdateReplacePolicy"] == "Retain"


def test_the_bucket_of_an_earlier_deployment_is_taken_up_again(cloud) -> None:
    cloud.s3.create_bucket(Bucket="left-over")
    again = make_part(cloud, "data", "again", KeptBucket="left-over")
    assert again["outputs"]["BucketName"] == "left-over"
    assert "AWS::S3::Bucket" not in again["ids"]
    policy = cloud.s3.get_bucket_policy(Bucket="left-over")["Policy"]
    assert "arn:aws:s3:::left-over/*" in policy


def test_nobody_reaches_the_bucket_without_tls(resources) -> None:
    policy = resources["BucketOnlyEncrypted"]["Properties"]
    (statement,) = policy["PolicyDocument"]["Statement"]
    assert policy["Bucket"] == {"Fn::If": ["NewBucket", {"Ref": "Bucket"}, {"Ref": "KeptBucket"}]}
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
        working_key("a"),
        idempotency_key("a", "b"),
        upload_key("a"),
        features_key("a"),
        picture_key("a"),
        records_key(datetime.now(UTC), "a"),
        "ticks/2026/01/01/00/a.jsonl",
        "hooks/a/succeeded.json",
        "sessions/a.json",
        "remote/a/work.tar",
    )
    for key in growing:
        assert any(key.startswith(prefix) for prefix in expiring), key
    for key in (
        "state/keys.json",
        "state/webhooks.json",
        "state/ledger.json",
        "state/leader.json",
        "models/a/1/model.xml",
    ):
        assert not any(key.startswith(prefix) for prefix in expiring), key
    # Keys are honored for 24 h; a rule of one day may remove what is a minute past midnight old.
    assert expiring["idempotency/"] >= 2
    assert expiring["results/"] > expiring["idempotency/"]
