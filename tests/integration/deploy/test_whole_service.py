"""The whole service on emulated AWS: up, a picture, down to no worker, down to nothing.

What runs on instances are real processes, started by the image's own boot script with what launch templates,
tags and user data say (tests/machines); everything is asked for with the command.
"""

import base64

import httpx
import pytest

from tests.deployed import Deployed
from tests.emulator import emulator
from tests.service import wait_until

pytestmark = [pytest.mark.timeout(600), pytest.mark.aws]
# Two looks a second, and no worker kept for long.
QUICK = {"TICK": "0.5", "LEASE": "2", "KILL_ALL_DELAY": "2", "QOS": "1", "POLL_WAIT": "1"}
SETTINGS = {
    "BalancerSettings": QUICK,
    "WorkerSettings": {"POLL_WAIT": "1"},
    "ApiSettings": {"POLL_WAIT": "1"},
}


def options() -> list[str]:
    given = ["--client-cidr", "127.0.0.1/32", "--max-workers", "2", "--set", "Policy=criterion"]
    for name, settings in SETTINGS.items():
        pairs = ",".join(f"CLASSIFYCLOUD_{key}={value}" for key, value in settings.items())
        given += ["--set", f"{name}={pairs}"]
    return given


@pytest.fixture(scope="module")
def deployed(tmp_path_factory):
    with emulator() as server:
        yield Deployed(server.url, "whole", tmp_path_factory.mktemp("machines"))


def test_from_nothing_to_an_answer_to_no_worker_to_nothing(deployed):
    made = deployed.document("up", "--image", deployed.image(), *options())
    assert made["status"] == "CREATE_COMPLETE"
    assert made["url"].startswith("http://")
    with deployed.machines() as machines:
        (front,) = machines.front_ends()
        wait_until(lambda: _ready(front), 120, "the front end is ready")
        assert not deployed.instances("worker"), "a worker came before there was anything to do"

        answer = deployed.document("smoke", "--url", front)
        assert answer["result"] == "tabby"
        assert {"in the queue", "the network"} <= {span["what"] for span in answer["spans"]}
        assert sum(span["ms"] for span in answer["spans"]) == pytest.approx(
            1000 * answer["seconds"], abs=5
        )
        _launched_as_the_stack_says(deployed)

        seen = deployed.document("status", "--url", front)
        assert seen["frontEnd"] == "ready"
        assert seen["replicas"] == 1
        wait_until(lambda: not deployed.alive("worker"), 120, "no worker is left")
        assert deployed.alive("api"), "the front end went as well"

        left = deployed.document("down", "--yes")
        assert left == {"kept": {}, "left": {}}
    _nothing_is_there(deployed)


def _ready(front: str) -> bool:
    try:
        return httpx.get(f"{front}/readyz", timeout=5).status_code == 200
    except httpx.HTTPError:
        return False


def _launched_as_the_stack_says(deployed):
    worker = deployed.instances("worker")[0]
    tags = {tag["Key"]: tag["Value"] for tag in worker["Tags"]}
    assert tags["classifycloud-active"] == "yes"
    assert tags["classifycloud-launch"].startswith("cc-")
    ec2 = deployed.client("ec2")
    said = ec2.describe_instance_attribute(InstanceId=worker["InstanceId"], Attribute="userData")
    lines = base64.b64decode(said["UserData"]["Value"]).decode().splitlines()
    assert lines[0] == "#classifycloud 1"
    assert {"START=worker", "CLASSIFYCLOUD_DEPLOYMENT=whole"} <= set(lines)
    assert worker["InstanceLifecycle"] == "spot"
    assert worker["InstanceType"] == "c7a.large"


def _nothing_is_there(deployed):
    """Asked of each service anew, by nothing that `down` uses."""
    ec2, mine = (
        deployed.client("ec2"),
        [{"Name": "tag:classifycloud-deployment", "Values": ["whole"]}],
    )
    states = {
        each["State"]["Name"]
        for row in ec2.describe_instances(Filters=mine)["Reservations"]
        for each in row["Instances"]
    }
    assert states == {"terminated"}
    assert not ec2.describe_launch_templates()["LaunchTemplates"]
    assert [vpc for vpc in ec2.describe_vpcs()["Vpcs"] if not vpc["IsDefault"]] == []
    assert not deployed.client("sqs").list_queues().get("QueueUrls")
    assert not deployed.client("s3").list_buckets()["Buckets"]
    # The account's own role for spot instances, which every deployment shares, stays.
    roles = deployed.client("iam").list_roles()["Roles"]
    assert {role["RoleName"] for role in roles} <= {"AWSServiceRoleForEC2Spot"}
    assert not deployed.client("elbv2").describe_load_balancers()["LoadBalancers"]
    assert not deployed.client("autoscaling").describe_auto_scaling_groups()["AutoScalingGroups"]
    assert not deployed.client("cloudwatch").describe_alarms()["MetricAlarms"]
    assert not deployed.client("logs").describe_log_groups()["logGroups"]
    assert not deployed.client("cloudformation").describe_stacks()["Stacks"]
