"""The roles, made on a moto server and read back from it, held to a table of what each process may do."""

import pytest

from tests.integration.deploy.conftest import BUCKET, NAME
from tests.integration.deploy.policies import Call, allowed

pytestmark = pytest.mark.timeout(180)
SQS = "arn:aws:sqs:us-east-1:123456789012:"
EC2 = "arn:aws:ec2:us-east-1:123456789012:instance/"
S3 = f"arn:aws:s3:::{BUCKET}"
OURS = {"aws:ResourceTag/classifycloud-deployment": NAME}
THEIRS = {"aws:ResourceTag/classifycloud-deployment": "another"}
QUEUES = ("requests", "reports", "dead-letter", "terminate")


def queue(name: str) -> str:
    return f"{SQS}{NAME}-{name}"


def key(name: str) -> str:
    return f"{S3}/{name}"


def calls(text: str, resource: str, context=None) -> list[Call]:
    """`s3:GetObject PutObject` upon a resource."""
    service, _, actions = text.partition(":")
    return [Call(f"{service}:{action}", resource, context or {}) for action in actions.split()]


FIGURES = {"cloudwatch:namespace": "ClassifyCloud"}
GATE = {**OURS, "aws:TagKeys": ["classifycloud-active"]}

MAY = {
    "ApiRole": [
        *(call for each in QUEUES for call in calls("sqs:GetQueueUrl", queue(each))),
        *calls("sqs:SendMessage", queue("requests")),
        *calls("sqs:SendMessage", queue("reports")),
        *calls("sqs:SendMessage", queue("dead-letter")),
        *calls(
            "sqs:CreateQueue GetQueueUrl ReceiveMessage DeleteMessage SendMessage DeleteQueue",
            queue("responses-5a5134cb995e"),
        ),
        *calls("sqs:ListQueues", "*"),
        *calls("s3:GetObject PutObject", key("results/a.json")),
        *calls("s3:GetObject PutObject", key("jobs/a.json")),
        *calls("s3:GetObject PutObject", key("idempotency/a")),
        *calls("s3:PutObject DeleteObject", key("uploads/a")),
        *calls("s3:GetObject DeleteObject", key("features/a.npy")),
        *calls("s3:GetObject", key("state/keys.json")),
        *calls("s3:GetObject", key("models/index.json")),
        *calls("s3:ListBucket", S3),
    ],
    "WorkerRole": [
        *(
            call
            for each in ("requests", "terminate")
            for call in calls(
                "sqs:GetQueueUrl ReceiveMessage DeleteMessage ChangeMessageVisibility", queue(each)
            )
        ),
        *calls("sqs:SendMessage GetQueueUrl", queue("responses-5a5134cb995e")),
        *calls("sqs:SendMessage GetQueueUrl", queue("dead-letter")),
        *calls("sqs:SendMessage GetQueueUrl", queue("reports")),
        *calls("s3:GetObject DeleteObject", key("uploads/a")),
        *calls("s3:PutObject", key("features/a.npy")),
        *calls("s3:GetObject PutObject", key("results/a.json")),
        *calls("s3:GetObject", key("models/a/1/manifest.json")),
        *calls("s3:GetObject PutObject", key("models/index.json")),
        *calls("s3:PutObject", key("records/2026/01/01/00/a.jsonl")),
        *calls("s3:PutObject", key("pictures/a.json")),
        *calls("s3:GetObject PutObject DeleteObject", key("state/suspects/a.json")),
        *calls("s3:ListBucket", S3),
    ],
    "BalancerRole": [
        *calls("sqs:GetQueueAttributes GetQueueUrl", queue("requests")),
        *calls("sqs:SendMessage GetQueueUrl", queue("terminate")),
        *calls("sqs:SendMessage", queue("dead-letter")),
        *calls("sqs:ReceiveMessage GetQueueUrl", queue("reports")),
        *calls(
            "sqs:GetQueueAttributes ReceiveMessage DeleteMessage DeleteQueue",
            queue("responses-5a5134cb995e"),
        ),
        *calls("sqs:ListQueues", "*"),
        *calls("s3:GetObject PutObject", key("state/leader.json")),
        *calls("s3:GetObject PutObject", key("state/ledger.json")),
        *calls("s3:GetObject", key("state/limits.json")),
        *calls("s3:PutObject", key("ticks/2026/01/01/00/a.jsonl")),
        *calls("s3:GetObject PutObject", key("results/a.json")),
        *calls("s3:ListBucket", S3),
        *calls("cloudwatch:PutMetricData", "*", FIGURES),
        *calls("ec2:DescribeInstances", "*"),
        *calls("ec2:StartInstances StopInstances TerminateInstances", f"{EC2}i-1", OURS),
        *calls("ec2:CreateTags", f"{EC2}i-1", GATE),
    ],
}

MAY_NOT = {
    "ApiRole": [
        *calls("sqs:ReceiveMessage DeleteMessage PurgeQueue", queue("requests")),
        *calls("sqs:SendMessage ReceiveMessage", queue("terminate")),
        *calls("sqs:DeleteQueue CreateQueue", queue("requests")),
        *calls("sqs:SendMessage", f"{SQS}another-requests"),
        *calls("s3:GetObject", key("uploads/a")),
        *calls("s3:PutObject DeleteObject", key("state/keys.json")),
        *calls("s3:PutObject", key("records/2026/01/01/00/a.jsonl")),
        *calls("s3:PutObject", key("models/a/1/manifest.json")),
        *calls("s3:GetObject", "arn:aws:s3:::another/results/a.json"),
        *calls("ec2:RunInstances TerminateInstances DescribeInstances", f"{EC2}i-1", OURS),
    ],
    # What a decoder that was broken out of could reach: see docs/security.md.
    "WorkerRole": [
        *calls("sqs:SendMessage CreateQueue DeleteQueue", queue("requests")),
        *calls("sqs:ReceiveMessage DeleteMessage CreateQueue", queue("responses-5a5134cb995e")),
        *calls("sqs:ListQueues", "*"),
        *calls("s3:GetObject", key("state/keys.json")),
        *calls("s3:GetObject", key("records/2026/01/01/00/a.jsonl")),
        *calls("s3:PutObject DeleteObject", key("models/a/1/manifest.json")),
        *calls("s3:DeleteObject", key("results/a.json")),
        *calls("ec2:DescribeInstances", "*"),
        *calls("ec2:TerminateInstances", f"{EC2}i-1", OURS),
        *calls("cloudwatch:PutMetricData", "*", FIGURES),
    ],
    "BalancerRole": [
        *calls("sqs:ReceiveMessage SendMessage DeleteMessage", queue("requests")),
        *calls("sqs:SendMessage CreateQueue", queue("responses-5a5134cb995e")),
        *calls("s3:GetObject", key("uploads/a")),
        *calls("s3:GetObject PutObject", key("state/keys.json")),
        *calls("s3:PutObject", key("state/limits.json")),
        *calls("s3:PutObject", key("models/a/1/manifest.json")),
        *calls("cloudwatch:PutMetricData", "*", {"cloudwatch:namespace": "AWS/EC2"}),
        *calls("ec2:StartInstances StopInstances TerminateInstances", f"{EC2}i-1", THEIRS),
        *calls("ec2:StartInstances StopInstances TerminateInstances", f"{EC2}i-1"),
        *calls("ec2:CreateTags", f"{EC2}i-1", {**THEIRS, "aws:TagKeys": ["classifycloud-active"]}),
        # To make an instance its own.
        *calls(
            "ec2:CreateTags", f"{EC2}i-1", {**OURS, "aws:TagKeys": ["classifycloud-deployment"]}
        ),
        *calls("iam:PassRole", "arn:aws:iam::123456789012:role/admin"),
        *calls("iam:CreateRole", "*"),
    ],
}


@pytest.mark.parametrize("role", MAY)
def test_a_process_may_do_what_it_does(roles, role) -> None:
    documents = roles[role]["documents"]
    assert [call for call in MAY[role] if not allowed(documents, call)] == []


@pytest.mark.parametrize("role", MAY_NOT)
def test_and_nothing_else(roles, role) -> None:
    documents = roles[role]["documents"]
    assert [call for call in MAY_NOT[role] if allowed(documents, call)] == []


def test_the_balancer_hands_on_the_worker_s_role_alone(roles) -> None:
    to_ec2 = {"iam:PassedToService": "ec2.amazonaws.com"}
    may = {
        name: allowed(roles["BalancerRole"]["documents"], Call("iam:PassRole", each["arn"], to_ec2))
        for name, each in roles.items()
    }
    assert may == {"ApiRole": False, "WorkerRole": True, "BalancerRole": False}
    elsewhere = Call(
        "iam:PassRole", roles["WorkerRole"]["arn"], {"iam:PassedToService": "lambda.amazonaws.com"}
    )
    assert not allowed(roles["BalancerRole"]["documents"], elsewhere)


def test_only_instances_take_these_roles_and_nothing_is_attached_unseen(roles) -> None:
    assert set(roles) == set(MAY)
    for each in roles.values():
        (statement,) = each["trusts"]["Statement"]
        assert statement["Principal"] == {"Service": "ec2.amazonaws.com"}
        assert each["attached"] == []


def test_what_names_no_resource_is_an_action_that_takes_none(roles) -> None:
    open_to_all = {
        action
        for each in roles.values()
        for document in each["documents"]
        for statement in document["Statement"]
        if statement["Resource"] == "*"
        for action in [statement["Action"]]
    }
    assert open_to_all == {"sqs:ListQueues", "cloudwatch:PutMetricData", "ec2:DescribeInstances"}
