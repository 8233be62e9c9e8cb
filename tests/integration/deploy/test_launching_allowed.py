"""What the balancer may launch: held to the very call that its fleet makes."""

from dataclasses import replace

import pytest

from balancer.fleets.ec2.calls import Ec2Calls, Launch
from balancer.fleets.ec2.pools import Pool
from tests.integration.deploy.conftest import NAME
from tests.integration.deploy.policies import Call, allowed

pytestmark = pytest.mark.timeout(180)
EC2 = "arn:aws:ec2:us-east-1:123456789012:"


class Launching:
    """IAM's questions about one RunInstances call, one for each resource that it touches."""

    def __init__(self, service, **changed: str) -> None:
        self.parts = service.parts
        template, version = service.outputs["WorkerTemplate"].split(":")
        image = service.account.ec2.describe_launch_template_versions(
            LaunchTemplateId=template, Versions=[version]
        )["LaunchTemplateVersions"][0]["LaunchTemplateData"]["ImageId"]
        self.named = {
            "template": template,
            "image": image,
            "subnet": service.outputs["WorkerSubnets"].split(",")[1],
            "group": service.outputs["WorkerSecurityGroup"],
            "profile": service.account.iam.get_instance_profile(
                InstanceProfileName=service.id("Iam", "WorkerProfile")
            )["InstanceProfile"]["Arn"],
        } | changed

    def calls(self, role: str = "worker", market: str = "spot") -> list[Call]:
        made = Ec2Calls(None, None, self.named["template"], NAME)._request(  # type: ignore[arg-type]
            Launch("cc-1", Pool("c7a.large", self.named["subnet"], market, 0.1), role, 1)
        )
        tags = {each["Key"]: each["Value"] for each in made["TagSpecifications"][0]["Tags"]}
        template = {"ec2:LaunchTemplate": f"{EC2}launch-template/{self.named['template']}"}
        asked = {f"aws:RequestTag/{key}": value for key, value in tags.items()}
        metadata = {"ec2:MetadataHttpTokens": made["MetadataOptions"]["HttpTokens"]}
        profile = {"ec2:InstanceProfile": self.named["profile"]}
        found = [
            Call("ec2:RunInstances", f"{EC2}instance/*", template | asked | metadata | profile),
            Call("ec2:RunInstances", f"{EC2}launch-template/{self.named['template']}", template),
            Call(
                "ec2:RunInstances", f"arn:aws:ec2:us-east-1::image/{self.named['image']}", template
            ),
            Call("ec2:RunInstances", f"{EC2}subnet/{self.named['subnet']}", template),
            Call("ec2:RunInstances", f"{EC2}security-group/{self.named['group']}", template),
            Call("ec2:RunInstances", f"{EC2}network-interface/*", template),
            Call("ec2:RunInstances", f"{EC2}volume/*", template),
            Call(
                "ec2:CreateTags", f"{EC2}instance/*", asked | {"ec2:CreateAction": "RunInstances"}
            ),
        ]
        spot = Call("ec2:RunInstances", f"{EC2}spot-instances-request/*", template)
        return found + [spot] * (market == "spot")


def refused(service, roles, calls: list[Call]) -> list[str]:
    documents = roles["BalancerRole"]["documents"]
    return [f"{call.action} {call.resource}" for call in calls if not allowed(documents, call)]


@pytest.mark.parametrize("role", ["worker", "standby"])
@pytest.mark.parametrize("market", ["spot", "on-demand"])
def test_the_fleet_s_own_launch_is_allowed(service, roles, role, market) -> None:
    assert refused(service, roles, Launching(service).calls(role, market)) == []


@pytest.mark.parametrize(
    "changed",
    [
        {"template": "lt-0123456789abcdef0"},
        {"image": "ami-0123456789abcdef0"},
        {"subnet": "subnet-0123456789abcdef0"},
        {"group": "sg-0123456789abcdef0"},
        {"profile": "arn:aws:iam::123456789012:instance-profile/admin"},
    ],
    ids=lambda changed: next(iter(changed)),
)
def test_and_none_with_something_else_in_it(service, roles, changed) -> None:
    assert refused(service, roles, Launching(service, **changed).calls())


def test_nor_one_that_is_not_tagged_as_a_worker_or_reads_metadata_without_a_token(
    service, roles
) -> None:
    launch = Launching(service)
    assert refused(service, roles, launch.calls(role="api"))
    instance = launch.calls()[0]
    for key, value in (
        ("aws:RequestTag/classifycloud-deployment", "another"),
        ("ec2:MetadataHttpTokens", "optional"),
    ):
        assert refused(
            service, roles, [replace(instance, context={**instance.context, key: value})]
        )


def test_tags_are_set_at_launch_only(service, roles) -> None:
    tag = next(call for call in Launching(service).calls() if call.action == "ec2:CreateTags")
    later = {k: v for k, v in tag.context.items() if k != "ec2:CreateAction"}
    assert refused(service, roles, [replace(tag, context=later)])
