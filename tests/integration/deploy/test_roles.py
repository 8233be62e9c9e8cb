"""The roles, made on a moto server and read back from it, held to a table of what each process may do."""

import json

import pytest

from tests.integration.deploy.conftest import BUCKET, INPUTS, NAME
from tests.integration.deploy.policies import Call, allowed, listed

pytestmark = pytest.mark.timeout(180)
SQS = "arn:aws:sqs:us-east-1:123456789012:"
EC2 = "arn:aws:ec2:us-east-1:123456789012:instance/"
S3 = f"arn:aws:s3:::{BUCKET}"
OWN, ROLE = "aws:ResourceTag/classifycloud-deployment", "aws:ResourceTag/classifycloud-role"
OURS = {OWN: NAME, ROLE: "worker"}
THEIRS = {OWN: "another", ROLE: "worker"}
FRONT = {OWN: NAME, ROLE: "api"}
LOGS = f"arn:aws:logs:us-east-1:123456789012:log-group:/classifycloud/{NAME}:log-stream:worker/i-1"
QUEUES = ("requests", "reports", "dead-letter", "terminate", "outcomes", "chores")
DURABLE = ("outcomes", "chores")


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
        *calls("sqs:GetQueueAttributes", queue("requests")),
        *(
            call
            for each in DURABLE
            for call in calls(
                "sqs:SendMessage ReceiveMessage DeleteMessage ChangeMessageVisibility", queue(each)
            )
        ),
        *calls(
            "sqs:CreateQueue GetQueueUrl ReceiveMessage DeleteMessage SendMessage DeleteQueue",
            queue("responses-5a5134cb995e"),
        ),
        *calls("sqs:ListQueues", "*"),
        *calls("s3:GetObject PutObject", key("results/a.json")),
        *calls("s3:GetObject PutObject DeleteObject", key("jobs/a.json")),
        *calls("s3:GetObject PutObject DeleteObject", key("bulk/bulk-0/results.jsonl")),
        *(call for each in INPUTS for call in calls("s3:ListBucket", f"arn:aws:s3:::{each}")),
        *calls("s3:GetObject PutObject", key("idempotency/a")),
        *calls("s3:GetObject PutObject", key("hooks/a/succeeded.json")),
        *calls("s3:GetObject", key("state/webhooks.json")),
        *calls("s3:PutObject DeleteObject", key("uploads/a")),
        *calls("s3:GetObject DeleteObject", key("features/a.npy")),
        *calls("s3:GetObject", key("state/keys.json")),
        *calls("s3:GetObject", key("state/ledger.json")),
        *calls("s3:GetObject", key("state/working/a.json")),
        *calls("s3:GetObject", key("models/index.json")),
        *calls("s3:GetObject", key("poems/cat.txt")),
        *calls("s3:ListBucket", S3),
        *calls("logs:CreateLogStream PutLogEvents", LOGS),
        # The operator's page.
        *calls("s3:GetObject", key("state/leader.json")),
        *calls("s3:GetObject PutObject", key("state/limits.json")),
        *calls("s3:GetObject PutObject DeleteObject", key("sessions/a.json")),
        *calls("s3:GetObject", key("ticks/2026/01/01/00/a.jsonl")),
        *calls("s3:DeleteObject", key("results/a.json")),
        *calls("s3:DeleteObject", key("state/suspects/a.json")),
        *calls(
            "sqs:ReceiveMessage DeleteMessage ChangeMessageVisibility GetQueueAttributes",
            queue("dead-letter"),
        ),
        *calls("cloudwatch:GetMetricData ListMetrics", "*"),
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
        *calls("sqs:SendMessage GetQueueUrl", queue("outcomes")),
        *calls("s3:GetObject DeleteObject", key("uploads/a")),
        *calls("s3:PutObject", key("features/a.npy")),
        *calls("s3:GetObject PutObject", key("results/a.json")),
        *calls("s3:GetObject", key("models/a/1/manifest.json")),
        *calls("s3:GetObject PutObject", key("models/index.json")),
        *calls("s3:PutObject", key("records/2026/01/01/00/a.jsonl")),
        *calls("s3:PutObject", key("pictures/a.json")),
        *calls("s3:GetObject", key("bulk/bulk-0/verdict.json")),
        *(
            call
            for each in INPUTS
            for call in calls("s3:GetObject", f"arn:aws:s3:::{each}/a/b.jpg")
        ),
        *calls("s3:GetObject PutObject DeleteObject", key("state/suspects/a.json")),
        *calls("s3:PutObject DeleteObject", key("state/working/a.json")),
        *calls("s3:ListBucket", S3),
        *calls("logs:CreateLogStream PutLogEvents", LOGS),
    ],
    "BalancerRole": [
        *calls("sqs:GetQueueAttributes GetQueueUrl", queue("requests")),
        *calls("sqs:SendMessage GetQueueUrl", queue("terminate")),
        *calls("sqs:SendMessage GetQueueAttributes", queue("dead-letter")),
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
        *calls("logs:CreateLogStream PutLogEvents", LOGS),
    ],
    "RemoteRole": [
        *calls("s3:GetObject PutObject DeleteObject", key("remote/a/work.tar")),
        *calls("s3:ListBucket", S3, {"s3:prefix": "remote/a/"}),
        *calls("s3:GetObject", f"arn:aws:s3:::{INPUTS[0]}/a.jpg"),
        *calls("s3:ListBucket", f"arn:aws:s3:::{INPUTS[1]}"),
        *calls("ssm:UpdateInstanceInformation", f"{EC2}i-1"),
        *calls("ssmmessages:CreateControlChannel OpenDataChannel", "*"),
        *calls("ec2messages:GetMessages SendReply", "*"),
    ],
}

MAY_NOT = {
    "ApiRole": [
        *calls("sqs:ReceiveMessage DeleteMessage PurgeQueue", queue("requests")),
        *calls("sqs:SendMessage ReceiveMessage", queue("terminate")),
        *calls("sqs:DeleteQueue CreateQueue", queue("requests")),
        *calls("sqs:DeleteQueue CreateQueue PurgeQueue", queue("chores")),
        *calls("s3:PutObject DeleteObject", key("state/ledger.json")),
        *calls("sqs:SendMessage", f"{SQS}another-requests"),
        *calls("s3:GetObject", key("uploads/a")),
        *calls("s3:PutObject DeleteObject", key("state/keys.json")),
        *calls("s3:PutObject DeleteObject", key("state/webhooks.json")),
        *calls("s3:PutObject", key("records/2026/01/01/00/a.jsonl")),
        *calls("s3:PutObject", key("models/a/1/manifest.json")),
        *calls("s3:GetObject", "arn:aws:s3:::another/results/a.json"),
        *calls("s3:GetObject PutObject", f"arn:aws:s3:::{INPUTS[0]}/a.jpg"),
        *calls("s3:ListBucket", f"arn:aws:s3:::{INPUTS[0]}-2"),
        *calls("ec2:RunInstances TerminateInstances DescribeInstances", f"{EC2}i-1", OURS),
    ],
    # What a decoder that was broken out of could reach: see docs/security.md.
    "WorkerRole": [
        *calls("sqs:SendMessage CreateQueue DeleteQueue", queue("requests")),
        *calls("sqs:ReceiveMessage DeleteMessage CreateQueue", queue("responses-5a5134cb995e")),
        *calls("sqs:ReceiveMessage DeleteMessage", queue("outcomes")),
        *calls("sqs:SendMessage ReceiveMessage", queue("chores")),
        *calls("sqs:ListQueues", "*"),
        *calls("s3:GetObject", key("state/keys.json")),
        *calls("s3:GetObject", key("state/webhooks.json")),
        *calls("s3:GetObject PutObject", key("hooks/a/succeeded.json")),
        *calls("s3:GetObject", key("records/2026/01/01/00/a.jsonl")),
        *calls("s3:PutObject DeleteObject", key("models/a/1/manifest.json")),
        *calls("s3:DeleteObject", key("results/a.json")),
        *calls("s3:GetObject", key("bulk/bulk-0/results.jsonl")),
        *calls("s3:PutObject DeleteObject", key("bulk/bulk-0/verdict.json")),
        *calls("s3:PutObject DeleteObject", f"arn:aws:s3:::{INPUTS[0]}/a.jpg"),
        *calls("s3:GetObject", f"arn:aws:s3:::{INPUTS[0]}-2/a.jpg"),
        *calls("ec2:DescribeInstances", "*"),
        *calls("ec2:TerminateInstances", f"{EC2}i-1", OURS),
        *calls("cloudwatch:PutMetricData", "*", FIGURES),
        *calls("logs:DeleteLogGroup GetLogEvents", LOGS),
        *calls("ssm:GetParameter", "*"),
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
        # The front end's instances, and its own.
        *calls("ec2:StopInstances TerminateInstances", f"{EC2}i-1", FRONT),
        *calls("ec2:CreateTags", f"{EC2}i-1", {**THEIRS, "aws:TagKeys": ["classifycloud-active"]}),
        # To make an instance its own.
        *calls(
            "ec2:CreateTags", f"{EC2}i-1", {**OURS, "aws:TagKeys": ["classifycloud-deployment"]}
        ),
        *calls("iam:PassRole", "arn:aws:iam::123456789012:role/admin"),
        *calls("iam:CreateRole", "*"),
        *calls("sqs:ReceiveMessage DeleteMessage", queue("dead-letter")),
    ],
    "RemoteRole": [
        *calls("s3:GetObject", key("state/keys.json")),
        *calls("s3:GetObject PutObject", key("models/a/1/manifest.json")),
        *calls("s3:ListBucket", S3),
        *calls("s3:ListBucket", S3, {"s3:prefix": "state/"}),
        *calls("s3:PutObject DeleteObject", f"arn:aws:s3:::{INPUTS[0]}/a.jpg"),
        *calls("s3:GetObject", f"arn:aws:s3:::{INPUTS[0]}-2/a.jpg"),
        *calls("sqs:SendMessage", queue("requests")),
        *calls("ec2:RunInstances TerminateInstances DescribeInstances", f"{EC2}i-1", OURS),
        *calls("ssm:GetParameter SendCommand", "*"),
        *calls("iam:PassRole", "arn:aws:iam::123456789012:role/admin"),
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
        name
        for name, each in roles.items()
        if allowed(roles["BalancerRole"]["documents"], Call("iam:PassRole", each["arn"], to_ec2))
    }
    assert may == {"WorkerRole"}
    elsewhere = Call(
        "iam:PassRole", roles["WorkerRole"]["arn"], {"iam:PassedToService": "lambda.amazonaws.com"}
    )
    assert not allowed(roles["BalancerRole"]["documents"], elsewhere)


def test_only_instances_take_these_roles_and_nothing_is_granted_unseen(roles) -> None:
    assert set(roles) == set(MAY)
    for each in roles.values():
        (statement,) = each["trusts"]["Statement"]
        assert statement["Principal"] == {"Service": "ec2.amazonaws.com"}
        assert each["inline"] == []
        # Policies of this account, which these tests read: none of AWS's own.
        assert each["attached"]
        assert all(arn.startswith("arn:aws:iam::123456789012:policy/") for arn in each["attached"])


def test_what_names_no_resource_is_an_action_that_takes_none(roles) -> None:
    open_to_all = {
        action
        for each in roles.values()
        for document in each["documents"]
        for statement in document["Statement"]
        if statement["Resource"] == "*"
        for action in listed(statement["Action"])
        if not action.startswith(("ssmmessages:", "ec2messages:"))
    }
    assert open_to_all == {
        "sqs:ListQueues",
        "cloudwatch:PutMetricData",
        "cloudwatch:GetMetricData",
        "cloudwatch:ListMetrics",
        "ec2:DescribeInstances",
    }


def test_the_longest_name_leaves_every_policy_short_enough(roles) -> None:
    # IAM counts 6 144 characters without white space (IAM and AWS STS quotas).
    longest = 24 - len(NAME)
    for name, each in roles.items():
        for document in each["documents"]:
            text = json.dumps(document, separators=(",", ":"))
            assert len(text) + longest * text.count(NAME) < 6144, name
