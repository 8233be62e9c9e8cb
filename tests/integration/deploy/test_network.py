"""Packets, judged by the network ACLs and security groups that the stack made."""

from ipaddress import ip_address, ip_network
from typing import Any

import pytest

pytestmark = pytest.mark.timeout(300)
WORLD = "93.184.216.34"
TCP, ICMP, ANY = "6", "1", "-1"


def passes(made, acl: str, egress: bool, address: str, port: int) -> bool:
    """What the first rule says that speaks of this TCP packet; none is a refusal."""
    (found,) = made.account.ec2.describe_network_acls(NetworkAclIds=[made.id("Network", acl)])[
        "NetworkAcls"
    ]
    for rule in sorted(found["Entries"], key=lambda each: each["RuleNumber"]):
        if rule["Egress"] == egress and _speaks_of(rule, address, port):
            return rule["RuleAction"] == "allow"
    return False


def _speaks_of(rule: dict[str, Any], address: str, port: int) -> bool:
    if rule["Protocol"] not in (TCP, ANY):
        return False
    ports = rule.get("PortRange")
    if ports is not None and not ports["From"] <= port <= ports["To"]:
        return False
    return ip_address(address) in ip_network(rule["CidrBlock"])


OUT, IN = True, False
WORKER = [
    # What it is there for: pictures, AWS, and their answers.
    (OUT, WORLD, 443, True),
    (OUT, WORLD, 80, True),
    (IN, WORLD, 40000, True),
    # Everything inside, whatever port: other workers, the front end, the load balancer.
    (OUT, "10.20.0.9", 443, False),
    (OUT, "10.20.32.9", 8000, False),
    (OUT, "10.20.64.9", 80, False),
    (IN, "10.20.0.9", 40000, False),
    # Whatever else is private: peers, VPNs, metadata under another name.
    (OUT, "10.99.0.9", 443, False),
    (OUT, "172.31.0.9", 443, False),
    (OUT, "192.168.1.9", 80, False),
    (OUT, "100.64.0.9", 443, False),
    (OUT, "169.254.169.254", 80, False),
    # Nothing but the web, and nobody begins.
    (OUT, WORLD, 22, False),
    (OUT, WORLD, 25, False),
    (IN, WORLD, 22, False),
    (IN, WORLD, 443, False),
]
FRONT = [
    (IN, "10.20.64.9", 8000, True),
    (OUT, "10.20.80.9", 50000, True),
    (OUT, WORLD, 443, True),
    (IN, "10.20.64.9", 22, False),
    (IN, "10.20.0.9", 8000, False),
    (OUT, "10.20.0.9", 443, False),
    (OUT, "10.20.64.9", 443, False),
    (OUT, "169.254.169.254", 80, False),
    (OUT, WORLD, 50000, False),
]
TRAINING = [
    # EMR's service dials the host, and is answered.
    (IN, WORLD, 8443, True),
    (OUT, WORLD, 50000, True),
    (OUT, WORLD, 443, True),
    (IN, WORLD, 22, False),
    (OUT, WORLD, 25, False),
    (OUT, "10.20.0.9", 8000, False),
    (IN, "10.20.32.9", 8443, False),
]


@pytest.mark.parametrize(("egress", "address", "port", "expected"), WORKER)
def test_workers_reach_the_web_and_nothing_inside(service, egress, address, port, expected) -> None:
    assert passes(service, "WorkerAcl", egress, address, port) is expected


@pytest.mark.parametrize(("egress", "address", "port", "expected"), FRONT)
def test_the_front_end_is_asked_by_the_load_balancer_only(
    service, egress, address, port, expected
) -> None:
    assert passes(service, "FrontAcl", egress, address, port) is expected


@pytest.mark.parametrize(("egress", "address", "port", "expected"), TRAINING)
def test_a_training_is_reached_by_the_service_of_emr_and_reaches_nothing_inside(
    service, egress, address, port, expected
) -> None:
    assert passes(service, "TrainingAcl", egress, address, port) is expected


def test_what_emr_is_to_use_has_the_tag_that_its_policy_asks_for(service) -> None:
    ids = [service.outputs["TrainingSubnet"], service.outputs["VpcId"]]
    asked = [
        {"Name": "resource-id", "Values": ids},
        {"Name": "key", "Values": ["for-use-with-amazon-emr-managed-policies"]},
    ]
    tags = service.account.ec2.describe_tags(Filters=asked)["Tags"]
    assert {tag["ResourceId"]: tag["Value"] for tag in tags} == dict.fromkeys(ids, "true")


def test_walls_stand_around_the_subnets_that_they_are_for(service) -> None:
    network = service.account.ec2
    for acl, subnets in (("WorkerAcl", "WorkerSubnet"), ("FrontAcl", "FrontSubnet")):
        (found,) = network.describe_network_acls(NetworkAclIds=[service.id("Network", acl)])[
            "NetworkAcls"
        ]
        around = {each["SubnetId"] for each in found["Associations"]}
        assert around == {service.id("Network", f"{subnets}{zone}") for zone in "AB"}
    asked = {"NetworkAclIds": [service.id("Network", "TrainingAcl")]}
    (found,) = network.describe_network_acls(**asked)["NetworkAcls"]
    around = {each["SubnetId"] for each in found["Associations"]}
    assert around == {service.outputs["TrainingSubnet"]}


def groups(made) -> dict[str, Any]:
    idents = made.of("AWS::EC2::SecurityGroup")
    found = made.account.ec2.describe_security_groups(GroupIds=list(idents.values()))
    by_id = {each["GroupId"]: each for each in found["SecurityGroups"]}
    return {name: by_id[ident] for name, ident in idents.items()}


def _ports(permissions: list[dict[str, Any]]) -> set[int]:
    assert all(each["FromPort"] == each["ToPort"] for each in permissions)
    return {each["FromPort"] for each in permissions}


def test_nobody_begins_a_connection_to_a_worker_or_the_balancer(service) -> None:
    found = groups(service)
    assert found["WorkerSecurity"]["IpPermissions"] == []
    assert found["BalancerSecurity"]["IpPermissions"] == []
    assert _ports(found["WorkerSecurity"]["IpPermissionsEgress"]) == {80, 443}
    assert _ports(found["BalancerSecurity"]["IpPermissionsEgress"]) == {443}


def test_clients_reach_the_load_balancer_and_it_the_front_end(service) -> None:
    found = groups(service)
    (rule,) = found["FrontSecurity"]["IpPermissions"]
    assert rule["FromPort"] == rule["ToPort"] == 8000
    assert [each["GroupId"] for each in rule["UserIdGroupPairs"]] == [
        found["EdgeSecurity"]["GroupId"]
    ]
    clients = found["EdgeSecurity"]["IpPermissions"]
    assert _ports(clients) == {80, 443}
    # Nobody, until a network is named.
    assert {r["CidrIp"] for each in clients for r in each["IpRanges"]} == {"127.0.0.1/32"}


def test_pictures_out_of_s3_cost_nothing_and_there_is_no_gateway_that_is_paid_for(service) -> None:
    ec2 = service.account.ec2
    vpc = [{"Name": "vpc-id", "Values": [service.outputs["VpcId"]]}]
    (endpoint,) = ec2.describe_vpc_endpoints(Filters=vpc)["VpcEndpoints"]
    assert endpoint["VpcEndpointType"] == "Gateway"
    assert endpoint["ServiceName"] == "com.amazonaws.us-east-1.s3"
    assert endpoint["RouteTableIds"] == [service.id("Network", "Routes")]
    assert ec2.describe_nat_gateways(Filter=vpc)["NatGateways"] == []
