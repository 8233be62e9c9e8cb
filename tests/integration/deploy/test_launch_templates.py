"""What instances are launched with, and what their user data tells them: read as the image reads it."""

import base64
from typing import Any

import pytest

from ami.boot.given import read
from ami.names import settings as known
from tests.integration.deploy.conftest import BUCKET, INPUTS, NAME
from wire.settings import PREFIX, ApiSettings, BalancerSettings, Settings, WorkerSettings

pytestmark = pytest.mark.timeout(300)
KINDS: dict[str, type[Settings]] = {
    "FrontTemplate": ApiSettings,
    "BalancerTemplate": BalancerSettings,
    "WorkerTemplate": WorkerSettings,
}
STARTS = {"FrontTemplate": "api", "BalancerTemplate": "balancer", "WorkerTemplate": "worker"}


def data_of(made, part: str, name: str) -> dict[str, Any]:
    (version,) = made.account.ec2.describe_launch_template_versions(
        LaunchTemplateId=made.id(part, name), Versions=["$Latest"]
    )["LaunchTemplateVersions"]
    return version["LaunchTemplateData"]


def told(data: dict[str, Any]) -> dict[str, str]:
    """What the image's boot script takes out of it."""
    text = base64.b64decode(data["UserData"]).decode()
    names = [line.partition("=")[0] for line in text.splitlines() if line and line[0] != "#"]
    assert len(names) == len(set(names))
    given = read(text, known())
    assert given.path is None
    return {"START": " ".join(given.roles), "LOG_GROUP": given.log_group, **given.variables}


def settings(kind: type[Settings], said: dict[str, str], monkeypatch) -> Settings:
    """What the process makes of it; a name that is none of its settings is an error here."""
    ours = {name: value for name, value in said.items() if name.startswith(PREFIX)}
    for name, value in ours.items():
        assert name.removeprefix(PREFIX).lower() in kind.model_fields, name
        monkeypatch.setenv(name, value)
    assert set(said) - set(ours) == {"START", "LOG_GROUP"}
    return kind()


@pytest.mark.parametrize("name", KINDS)
def test_metadata_needs_a_token_and_is_not_reached_over_a_hop(service, name) -> None:
    options = data_of(service, "Compute", name)["MetadataOptions"]
    assert options["HttpTokens"] == "required"
    assert options["HttpPutResponseHopLimit"] == 1
    assert options["InstanceMetadataTags"] == "enabled"


@pytest.mark.parametrize("name", KINDS)
def test_user_data_are_settings_of_the_process_that_is_started(service, name, monkeypatch) -> None:
    said = told(data_of(service, "Compute", name))
    found = settings(KINDS[name], said, monkeypatch)
    assert said["START"] == STARTS[name]
    assert said["LOG_GROUP"] == service.outputs["LogGroup"]
    assert (found.deployment, found.bucket, found.region) == (NAME, BUCKET, "us-east-1")


def test_the_front_end_listens_where_the_load_balancer_asks_and_asks_for_keys(
    service, monkeypatch
) -> None:
    said = told(data_of(service, "Compute", "FrontTemplate"))
    found = settings(ApiSettings, said, monkeypatch)
    assert (found.host, found.port, found.proxies, found.access) == ("0.0.0.0", 8000, 1, "keys")
    assert found.input_buckets == INPUTS


def test_the_balancer_launches_this_very_version_of_the_workers_template(
    service, monkeypatch
) -> None:
    said = told(data_of(service, "Compute", "BalancerTemplate"))
    found = settings(BalancerSettings, said, monkeypatch)
    assert (found.fleet, found.ec2_market, found.standby) == ("ec2", "spot", 0)
    assert found.ec2_template == service.outputs["WorkerTemplate"]
    assert found.ec2_template == f"{service.id('Compute', 'WorkerTemplate')}:1"
    assert list(found.ec2_subnets) == service.outputs["WorkerSubnets"].split(",")
    assert (found.min_workers, found.max_workers, found.budget) == (0, 10, 2.5)
    # EC2 asks for a minute of every instance that it starts.
    assert found.paid_minute == 60
    assert found.ec2_types[0] == data_of(service, "Compute", "WorkerTemplate")["InstanceType"]


def test_a_worker_that_powers_off_is_gone_and_names_neither_subnet_nor_market(service) -> None:
    data = data_of(service, "Compute", "WorkerTemplate")
    assert data["InstanceInitiatedShutdownBehavior"] == "terminate"
    assert data["SecurityGroupIds"] == [service.outputs["WorkerSecurityGroup"]]
    assert "InstanceMarketOptions" not in data
    # A launch that names a subnet may not have a template that names interfaces.
    assert "NetworkInterfaces" not in data
    assert "KeyName" not in data


@pytest.mark.parametrize(
    ("name", "profile"),
    [
        ("FrontTemplate", "ApiProfile"),
        ("BalancerTemplate", "BalancerProfile"),
        ("WorkerTemplate", "WorkerProfile"),
    ],
)
def test_each_process_has_its_own_role(service, name, profile) -> None:
    arn = data_of(service, "Compute", name)["IamInstanceProfile"]["Arn"]
    assert arn.endswith(f"/{service.id('Iam', profile)}")
