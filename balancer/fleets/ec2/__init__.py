"""The fleet on EC2. `fleet` is the whole, the other files a part each; pure ones say so."""

from typing import TYPE_CHECKING

from wire.settings import BalancerSettings, SettingsError

if TYPE_CHECKING:
    from balancer.fleets.ec2.fleet import Ec2Fleet
    from wire.aws import Aws


def open_fleet(settings: BalancerSettings, aws: "Aws") -> "Ec2Fleet":
    """The fleet that the settings ask for.

    Raises:
        SettingsError: a setting is missing or cannot be used; the text names it.
    """
    # boto3 takes the better part of a second to import, which the other fleets need not wait for.
    from botocore.config import Config

    from balancer.fleets.ec2 import lean
    from balancer.fleets.ec2.fleet import Ec2Fleet, Ec2Plan
    from balancer.prices import PricesError, load_prices

    if not settings.ec2_template:
        raise SettingsError(
            "CLASSIFYCLOUD_EC2_TEMPLATE is unset: fleet ec2 needs the id or name of a launch template"
        )
    if not settings.ec2_types:
        raise SettingsError("CLASSIFYCLOUD_EC2_TYPES is empty: fleet ec2 needs an instance type")
    try:
        prices = load_prices(settings.prices)
    except PricesError as error:
        raise SettingsError(str(error)) from error
    for kind in settings.ec2_types:
        if settings.budget is not None and prices.hourly(kind, "on-demand") is None:
            raise SettingsError(
                f"CLASSIFYCLOUD_EC2_TYPES has {kind}, whose price is not known: a budget "
                "(CLASSIFYCLOUD_BUDGET) needs it in the file that CLASSIFYCLOUD_PRICES names"
            )
    plan = Ec2Plan(
        deployment=settings.deployment,
        template=settings.ec2_template,
        types=settings.ec2_types,
        subnets=settings.ec2_subnets,
        market=settings.ec2_market,
        standby=settings.standby,
        warm=settings.boot_grace,
        prices=prices,
    )
    # No retries: boto3 takes a shortage of capacity, which is a server error, for an outage, and a
    # throttled call made again at once is throttled again. A tick has no time for long waits.
    config = Config(connect_timeout=2, read_timeout=8, retries={"total_max_attempts": 1})
    client = aws.client("ec2", config)
    lean.install(client)
    return Ec2Fleet(aws, client, plan)
