"""The happy path of the real boto3 calls, against a moto server.

moto launches MinCount instances, whatever MaxCount says: one a call, a partial launch every time.
"""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import boto3
import pytest

from balancer.fleet import Order
from balancer.fleets.ec2 import open_fleet
from tests.logged import capture_logs
from tests.servers import moto_server
from wire.aws import Aws
from wire.names import ACTIVE_TAG
from wire.settings import BalancerSettings

pytestmark = pytest.mark.timeout(120)


@pytest.fixture(scope="module")
def endpoint() -> Iterator[str]:
    with moto_server() as url:
        yield url


@pytest.fixture
def client(endpoint, monkeypatch):
    monkeypatch.setenv("AWS_ENDPOINT_URL", endpoint)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    return boto3.client("ec2", region_name="us-east-1")


@pytest.fixture
def template(client, request) -> str:
    """The id of a launch template of this test's own."""
    image = client.describe_images()["Images"][0]["ImageId"]
    made = client.create_launch_template(
        LaunchTemplateName=f"t-{abs(hash(request.node.name))}",
        LaunchTemplateData={"ImageId": image, "InstanceType": "t3.micro"},
    )
    return made["LaunchTemplate"]["LaunchTemplateId"]


@pytest.fixture
async def aws(client) -> Aws:
    aws = Aws("us-east-1", polls=1, calls=2)
    yield aws
    await aws.close()


def settings(template: str, deployment: str, **more) -> BalancerSettings:
    return BalancerSettings(
        fleet="ec2", ec2_template=template, deployment=deployment, boot_grace=0.2, **more
    )


def found(client, deployment: str, *states: str) -> list[dict]:
    own = {"Name": "tag:classifycloud-deployment", "Values": [deployment]}
    pages = client.get_paginator("describe_instances").paginate(Filters=[own])
    every = [i for page in pages for r in page["Reservations"] for i in r["Instances"]]
    return [each for each in every if not states or each["State"]["Name"] in states]


def tags(instance: dict) -> dict[str, str]:
    return {tag["Key"]: tag["Value"] for tag in instance["Tags"]}


async def test_launch_describe_and_terminate(client, template, aws):
    subnets = [subnet["SubnetId"] for subnet in client.describe_subnets()["Subnets"][:2]]
    fleet = open_fleet(settings(template, "one", ec2_subnets=subnets), aws)
    assert await fleet.workers() == []
    assert await fleet.launch(Order(3, epoch=1, tick=1)) == 3
    present = await fleet.workers()
    instances = {each["InstanceId"]: each for each in found(client, "one", "pending", "running")}
    assert {worker.id for worker in present} == set(instances)
    assert {worker.market for worker in present} == {"spot"}
    assert {worker.kind for worker in present} == {"c7a.large", "c7i.large"}
    assert all(worker.launched_at > 0 for worker in present)
    for each in instances.values():
        assert each["InstanceLifecycle"] == "spot"
        assert each["SubnetId"] in subnets
        assert tags(each)["classifycloud-role"] == "worker"
        assert tags(each)["classifycloud-launch"].startswith("cc-1-1-")
    gone = present[0].id
    await fleet.end(gone, 0.0)
    await fleet.tend(Order(0, epoch=1, tick=2))
    assert gone not in {worker.id for worker in await fleet.workers()}
    assert len(found(client, "one", "pending", "running")) == 2
    attribute = client.describe_instance_attribute(
        InstanceId=present[1].id, Attribute="instanceInitiatedShutdownBehavior"
    )
    assert attribute["InstanceInitiatedShutdownBehavior"]["Value"] == "terminate"


async def test_the_next_balancer_adopts_what_is_there(client, template, aws):
    first = open_fleet(settings(template, "two"), aws)
    await first.launch(Order(2, epoch=1, tick=1))
    await first.close()
    heir = open_fleet(settings(template, "two"), aws)
    assert len(await heir.workers()) == 2
    assert len(found(client, "two")) == 2


async def test_a_standby_is_stopped_started_and_replaced(client, template, aws):
    fleet = open_fleet(settings(template, "three", standby=1), aws)
    for tick in range(4):
        assert await fleet.workers() == []
        await fleet.tend(Order(0, epoch=1, tick=tick))
        await asyncio.sleep(0.25)
    (asleep,) = found(client, "three")
    assert asleep["State"]["Name"] == "stopped"
    assert "InstanceLifecycle" not in asleep
    assert tags(asleep)[ACTIVE_TAG] == "no"
    await fleet.workers()
    assert await fleet.launch(Order(1, epoch=1, tick=5)) == 1
    (woken,) = found(client, "three", "pending", "running")
    assert woken["InstanceId"] == asleep["InstanceId"]
    assert tags(woken)[ACTIVE_TAG] == "yes"
    assert [worker.id for worker in await fleet.workers()] == [woken["InstanceId"]]
    await fleet.tend(Order(0, epoch=1, tick=5))
    assert len(found(client, "three")) == 2


async def test_an_id_that_is_gone_does_not_keep_the_others_alive(client, template, aws):
    fleet = open_fleet(settings(template, "four"), aws)
    await fleet.launch(Order(2, epoch=1, tick=1))
    present = await fleet.workers()
    client.terminate_instances(InstanceIds=[present[0].id])
    for worker in present:
        await fleet.end(worker.id, 0.0)
    await fleet.tend(Order(0, epoch=1, tick=2))
    assert await fleet.workers() == []
    assert found(client, "four", "pending", "running") == []


async def test_a_template_that_is_not_there_launches_nothing_and_says_so(client, aws):
    fleet = open_fleet(settings("no-such-template", "five"), aws)
    with capture_logs() as logged:
        assert await fleet.launch(Order(1, epoch=1, tick=1)) == 0
    assert any("InvalidLaunchTemplate" in str(entry) for entry in logged)


async def test_prices_come_from_the_operators_file(client, template, aws, tmp_path: Path):
    prices = tmp_path / "prices.json"
    prices.write_text('{"c7a.large": {"spot": 0.5, "on-demand": 1.0}}')
    only = settings(template, "six", prices=prices, ec2_types=("c7a.large",))
    fleet = open_fleet(only, aws)
    for tick in range(4):
        spent = sum(worker.hourly for worker in await fleet.workers())
        await fleet.launch(Order(9, epoch=1, tick=tick, hourly=2.2 - spent))
    assert sorted(worker.hourly for worker in await fleet.workers()) == [0.5, 0.5, 1.0]
