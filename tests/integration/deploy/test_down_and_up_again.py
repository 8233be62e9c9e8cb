"""What `down` finds beside the stack, and what `up` finds of one that was interrupted, on the emulator."""

import pytest

from deploy import groups
from deploy.account import Account
from deploy.down import Down
from deploy.formation import Formation
from deploy.up import Voice
from tests.emulator import emulator

RUN = "training-r-0123456789"
TEMPLATE = "Resources: {Queue: {Type: AWS::SQS::Queue}}"
SILENT = Voice(lambda _: None, lambda _: None, 0.1)


@pytest.fixture
def account(monkeypatch):
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    with emulator() as server:
        yield Account("us-east-1", server.url)


def test_trainings_go_with_their_deployment_and_those_of_others_stay(account):
    stacks = account.client("cloudformation")
    others = {"shop-two", f"shop-two-{RUN}", "shop-training"}
    for name in ("shop", f"shop-{RUN}", *others):
        stacks.create_stack(StackName=name, TemplateBody=TEMPLATE)
    said = []
    left = Down(account, "shop", Voice(said.append, lambda _: None, 0.1), lambda _: True).run()
    assert left.found == {}
    assert [line for line in said if "stack" in line] == [
        f"the stack shop-{RUN} is removed",
        "the stack shop is removed",
    ]
    assert {row["StackName"] for row in stacks.describe_stacks()["Stacks"]} == others


def test_the_role_for_spot_stays_for_other_regions(account):
    iam = account.client("iam")
    iam.create_service_linked_role(AWSServiceName="spot.amazonaws.com")
    roles = [row["RoleName"] for row in iam.list_roles()["Roles"]]
    Down(account, "shop", SILENT, lambda _: True).run()
    assert [row["RoleName"] for row in iam.list_roles()["Roles"]] == roles
    assert Formation(account, "shop").stack() is None


def test_a_balancer_that_an_interrupted_down_had_ended_is_launched_again(account):
    ec2, scaling = account.client("ec2"), account.client("autoscaling")
    image = ec2.describe_images()["Images"][0]["ImageId"]
    data = {"ImageId": image, "InstanceType": "t3a.micro"}
    ec2.create_launch_template(LaunchTemplateName="one", LaunchTemplateData=data)
    for name, role in (("shop-b", "balancer"), ("shop-a", "api")):
        tags = {"classifycloud-deployment": "shop", "classifycloud-role": role}
        scaling.create_auto_scaling_group(
            AutoScalingGroupName=name,
            LaunchTemplate={"LaunchTemplateName": "one"},
            MinSize=1,
            MaxSize=1,
            AvailabilityZones=["us-east-1a"],
            Tags=[{"Key": k, "Value": v, "PropagateAtLaunch": True} for k, v in tags.items()],
        )

    def sizes():
        rows = scaling.describe_auto_scaling_groups()["AutoScalingGroups"]
        return {
            row["AutoScalingGroupName"]: (row["MinSize"], row["MaxSize"], row["DesiredCapacity"])
            for row in rows
        }

    assert not groups.wake(account, "shop")
    assert groups.still(account, "shop")
    assert sizes() == {"shop-b": (0, 0, 0), "shop-a": (1, 1, 1)}
    assert groups.wake(account, "shop")
    assert sizes() == {"shop-b": (1, 1, 1), "shop-a": (1, 1, 1)}
