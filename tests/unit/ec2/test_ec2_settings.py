"""The fleet from its settings: what is missing is named, with the remedy."""

import pytest

from balancer.fleets.ec2 import open_fleet
from wire.aws import Aws
from wire.settings import BalancerSettings, SettingsError


@pytest.fixture
async def aws() -> Aws:
    aws = Aws("us-east-1", polls=1, calls=1)
    yield aws
    await aws.close()


@pytest.mark.parametrize(
    ("given", "named"),
    [
        ({}, "CLASSIFYCLOUD_EC2_TEMPLATE is unset"),
        ({"ec2_template": ""}, "CLASSIFYCLOUD_EC2_TEMPLATE is unset"),
        ({"ec2_template": "lt-1", "ec2_types": ()}, "CLASSIFYCLOUD_EC2_TYPES is empty"),
        ({"ec2_template": "lt-1", "prices": "/nowhere"}, "CLASSIFYCLOUD_PRICES=/nowhere"),
        (
            {"ec2_template": "lt-1", "ec2_types": ("x9.mega",), "budget": 1.0},
            "CLASSIFYCLOUD_EC2_TYPES has x9.mega",
        ),
    ],
)
async def test_a_setting_that_is_missing_is_named(aws, given, named):
    with pytest.raises(SettingsError, match=named):
        open_fleet(BalancerSettings(**given), aws)


async def test_boto3_repeats_nothing_by_itself(aws):
    """A shortage of capacity is a server error, which boto3 would ask for again and again."""
    fleet = open_fleet(BalancerSettings(ec2_template="lt-1"), aws)
    config = fleet._calls._client.meta.config
    assert config.retries["total_max_attempts"] == 1
    assert config.read_timeout < 10


async def test_without_a_budget_a_type_needs_no_price(aws):
    open_fleet(BalancerSettings(ec2_template="lt-1", ec2_types=("x9.mega",)), aws)
