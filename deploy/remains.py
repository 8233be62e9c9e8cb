"""What there is of a deployment, found by listing, kind by kind: what `down` proves its work with.

By tag where EC2 filters by tags, by the names that templates and processes give elsewhere. Nothing is taken
from what was remembered: what is forgotten by a stack is found too.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from deploy import naming
from deploy.account import Account
from deploy.depot import exists
from deploy.machines import LIVE

Lister = Callable[[Account, str], Iterator[str]]
QUEUES = ("requests", "dead-letter", "terminate", "reports", "outcomes", "chores")


def found(account: Account, deployment: str) -> dict[str, list[str]]:
    """Names or ids by kind, but for kinds of which there is nothing. `?` is what could not be listed."""
    there: dict[str, list[str]] = {}
    for kind, lister in LISTERS.items():
        try:
            names = sorted(lister(account, deployment))
        except (ClientError, BotoCoreError) as error:
            names = [f"? {error}"]
        if names:
            there[kind] = names
    return there


def stacks(account: Account, deployment: str) -> Iterator[str]:
    """The root, those nested in it, and those of trainings."""
    for name in _stacks(account):
        if name == deployment or naming.is_nested(name, deployment):
            yield name
    yield from trainings(account, deployment)


def trainings(account: Account, deployment: str) -> Iterator[str]:
    """Stacks of `train --spark emr`: each has a cluster in the deployment's network."""
    return (name for name in _stacks(account) if naming.is_training(name, deployment))


def _stacks(account: Account) -> Iterator[str]:
    for page in _pages(account, "cloudformation", "describe_stacks"):
        for row in page["Stacks"]:
            if row["StackStatus"] != "DELETE_COMPLETE":
                yield row["StackName"]


def queues(account: Account, deployment: str) -> Iterator[str]:
    """URLs of the shared queues, and of every replica's."""
    own = {f"{deployment}-{name}" for name in QUEUES}
    for page in _pages(account, "sqs", "list_queues", QueueNamePrefix=f"{deployment}-"):
        for url in page.get("QueueUrls", []):
            name = url.rsplit("/", 1)[-1]
            if name in own or name.startswith(f"{deployment}-responses-"):
                yield url


def buckets(account: Account, deployment: str) -> Iterator[str]:
    """The one with records, models and answers."""
    name = naming.data_bucket(deployment, account.identity.account, account.region)
    if exists(account, name):
        yield name


def _instances(account: Account, deployment: str) -> Iterator[str]:
    for page in _pages(account, "ec2", "describe_instances", Filters=_tagged(deployment)):
        for row in page["Reservations"]:
            yield from (i["InstanceId"] for i in row["Instances"] if i["State"]["Name"] in LIVE)


def _tagged(deployment: str) -> list[dict[str, Any]]:
    return [{"Name": f"tag:{naming.TAG}", "Values": [deployment]}]


def _ec2(call: str, rows: str, ident: str) -> Lister:
    """Lists one kind that EC2 filters by tag."""

    def lister(account: Account, deployment: str) -> Iterator[str]:
        for page in _pages(account, "ec2", call, Filters=_tagged(deployment)):
            yield from (row[ident] for row in page[rows])

    return lister


def _named(service: str, call: str, rows: str, ident: str, **given: str) -> Lister:
    """Lists one kind whose names begin with the deployment's; `given` may have `{0}` for it."""

    def lister(account: Account, deployment: str) -> Iterator[str]:
        asked = {key: value.format(deployment) for key, value in given.items()}
        for page in _pages(account, service, call, **asked):
            for row in page[rows]:
                name = row if isinstance(row, str) else row[ident]
                if _is_own(name.rsplit(":", 1)[-1].rsplit("/", 1)[-1], deployment):
                    yield name

    return lister


def _is_own(name: str, deployment: str) -> bool:
    """Whether a name is the deployment's, and not one of a deployment whose name begins alike."""
    rest = name.removeprefix(f"{deployment}-")
    return name == deployment or (rest != name and not rest[:1].isdigit())


def _pages(account: Account, service: str, call: str, **given: Any) -> Sequence[Any]:
    client = account.client(service)
    if client.can_paginate(call):
        return list(client.get_paginator(call).paginate(**given))
    return [getattr(client, call)(**given)]


LISTERS: dict[str, Lister] = {
    "stacks": stacks,
    "instances": _instances,
    "volumes": _ec2("describe_volumes", "Volumes", "VolumeId"),
    "launch templates": _ec2("describe_launch_templates", "LaunchTemplates", "LaunchTemplateId"),
    "addresses": _ec2("describe_addresses", "Addresses", "PublicIp"),
    "network interfaces": _ec2(
        "describe_network_interfaces", "NetworkInterfaces", "NetworkInterfaceId"
    ),
    "security groups": _ec2("describe_security_groups", "SecurityGroups", "GroupId"),
    "subnets": _ec2("describe_subnets", "Subnets", "SubnetId"),
    "route tables": _ec2("describe_route_tables", "RouteTables", "RouteTableId"),
    "network lists": _ec2("describe_network_acls", "NetworkAcls", "NetworkAclId"),
    "gateways": _ec2("describe_internet_gateways", "InternetGateways", "InternetGatewayId"),
    "endpoints": _ec2("describe_vpc_endpoints", "VpcEndpoints", "VpcEndpointId"),
    "networks": _ec2("describe_vpcs", "Vpcs", "VpcId"),
    "groups": _named(
        "autoscaling", "describe_auto_scaling_groups", "AutoScalingGroups", "AutoScalingGroupName"
    ),
    "load balancers": _named(
        "elbv2", "describe_load_balancers", "LoadBalancers", "LoadBalancerName"
    ),
    "target groups": _named("elbv2", "describe_target_groups", "TargetGroups", "TargetGroupName"),
    "queues": queues,
    "buckets": buckets,
    "log groups": _named(
        "logs",
        "describe_log_groups",
        "logGroups",
        "logGroupName",
        logGroupNamePrefix="/classifycloud/{0}",
    ),
    "alarms": _named(
        "cloudwatch", "describe_alarms", "MetricAlarms", "AlarmName", AlarmNamePrefix="{0}-"
    ),
    "dashboards": _named(
        "cloudwatch",
        "list_dashboards",
        "DashboardEntries",
        "DashboardName",
        DashboardNamePrefix="{0}",
    ),
    "topics": _named("sns", "list_topics", "Topics", "TopicArn"),
    "roles": _named("iam", "list_roles", "Roles", "RoleName"),
    "policies": _named("iam", "list_policies", "Policies", "PolicyName", Scope="Local"),
    "instance profiles": _named(
        "iam", "list_instance_profiles", "InstanceProfiles", "InstanceProfileName"
    ),
}
