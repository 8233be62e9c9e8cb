"""The whole stack on an emulator: every resource asked after through its own API, not CloudFormation's."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from tests.integration.deploy.conftest import BUCKET, NAME
from tests.integration.deploy.made import Account

pytestmark = pytest.mark.timeout(300)


def _group(account: Account, ident: str) -> Any:
    found = account.autoscaling.describe_auto_scaling_groups(AutoScalingGroupNames=[ident])
    return found["AutoScalingGroups"]


def _policies(account: Account, ident: str) -> Any:
    group, _, name = ident.partition("|")
    return account.autoscaling.describe_policies(AutoScalingGroupName=group, PolicyNames=[name])[
        "ScalingPolicies"
    ]


def _route(account: Account, ident: str) -> Any:
    table, _, target = ident.partition("~")
    (found,) = account.ec2.describe_route_tables(RouteTableIds=[table])["RouteTables"]
    return [each for each in found["Routes"] if each.get("DestinationCidrBlock") == target]


def _entry(account: Account, ident: str) -> Any:
    acl, number, egress = ident.split("|")
    (found,) = account.ec2.describe_network_acls(NetworkAclIds=[acl])["NetworkAcls"]
    wanted = (int(number), egress == "True")
    return [each for each in found["Entries"] if (each["RuleNumber"], each["Egress"]) == wanted]


def _association(account: Account, ident: str) -> Any:
    return [
        each
        for acl in account.ec2.describe_network_acls()["NetworkAcls"]
        for each in acl["Associations"]
        if each["NetworkAclAssociationId"] == ident
    ]


def _routed(account: Account, ident: str) -> Any:
    return [
        each
        for table in account.ec2.describe_route_tables()["RouteTables"]
        for each in table["Associations"]
        if each["RouteTableAssociationId"] == ident
    ]


def _attached(account: Account, ident: str) -> Any:
    found = account.ec2.describe_internet_gateways()["InternetGateways"]
    return [each for each in found for vpc in each["Attachments"] if vpc["VpcId"] == ident]


def _log_group(account: Account, ident: str) -> Any:
    return account.logs.describe_log_groups(logGroupNamePrefix=ident)["logGroups"]


def _profile(account: Account, ident: str) -> Any:
    return account.iam.get_instance_profile(InstanceProfileName=ident)["InstanceProfile"]["Roles"]


def _listeners(account: Account, ident: str) -> Any:
    return account.elbv2.describe_listeners(ListenerArns=[ident])["Listeners"]


def _queues_refuse(account: Account, _ident: str) -> bool:
    names = ("requests", "outcomes", "chores", "terminate", "reports", "dead-letter")
    return all(_denies_plain(_attributes(account, f"{NAME}-{each}")["Policy"]) for each in names)


def _topic_refuses(account: Account, _ident: str) -> bool:
    arns = [each["TopicArn"] for each in account.sns.list_topics()["Topics"]]
    # Other stacks of this account have theirs.
    (topic,) = (each for each in arns if each.rpartition(":")[2].startswith(f"{NAME}-"))
    return _denies_plain(account.sns.get_topic_attributes(TopicArn=topic)["Attributes"]["Policy"])


def _attributes(account: Account, queue: str) -> dict[str, str]:
    url = account.sqs.get_queue_url(QueueName=queue)["QueueUrl"]
    return account.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]


def _denies_plain(policy: str) -> bool:
    return any(
        each["Effect"] == "Deny" and each["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
        for each in json.loads(policy)["Statement"]
    )


# By type, what its own API says of one: something when it is there, an error or nothing when not.
LOOKS: dict[str, Callable[[Account, str], Any]] = {
    "AWS::SQS::Queue": lambda a, i: a.sqs.get_queue_attributes(QueueUrl=i, AttributeNames=["All"]),
    "AWS::SQS::QueuePolicy": _queues_refuse,
    "AWS::S3::Bucket": lambda a, i: a.s3.head_bucket(Bucket=i),
    "AWS::S3::BucketPolicy": lambda a, i: _denies_plain(a.s3.get_bucket_policy(Bucket=i)["Policy"]),
    "AWS::Logs::LogGroup": _log_group,
    "AWS::IAM::Role": lambda a, i: a.iam.get_role(RoleName=i),
    "AWS::IAM::ManagedPolicy": lambda a, i: a.iam.get_policy(PolicyArn=i)["Policy"][
        "AttachmentCount"
    ],
    "AWS::IAM::InstanceProfile": _profile,
    "AWS::EC2::VPC": lambda a, i: a.ec2.describe_vpcs(VpcIds=[i])["Vpcs"],
    "AWS::EC2::InternetGateway": lambda a, i: a.ec2.describe_internet_gateways(
        InternetGatewayIds=[i]
    )["InternetGateways"],
    "AWS::EC2::VPCGatewayAttachment": _attached,
    "AWS::EC2::RouteTable": lambda a, i: a.ec2.describe_route_tables(RouteTableIds=[i]),
    "AWS::EC2::Route": _route,
    "AWS::EC2::VPCEndpoint": lambda a, i: a.ec2.describe_vpc_endpoints(VpcEndpointIds=[i])[
        "VpcEndpoints"
    ],
    "AWS::EC2::Subnet": lambda a, i: a.ec2.describe_subnets(SubnetIds=[i])["Subnets"],
    "AWS::EC2::SubnetRouteTableAssociation": _routed,
    "AWS::EC2::NetworkAcl": lambda a, i: a.ec2.describe_network_acls(NetworkAclIds=[i]),
    "AWS::EC2::NetworkAclEntry": _entry,
    "AWS::EC2::SubnetNetworkAclAssociation": _association,
    "AWS::EC2::SecurityGroup": lambda a, i: a.ec2.describe_security_groups(GroupIds=[i]),
    "AWS::EC2::LaunchTemplate": lambda a, i: a.ec2.describe_launch_templates(LaunchTemplateIds=[i]),
    "AWS::ElasticLoadBalancingV2::LoadBalancer": lambda a, i: a.elbv2.describe_load_balancers(
        LoadBalancerArns=[i]
    ),
    "AWS::ElasticLoadBalancingV2::TargetGroup": lambda a, i: a.elbv2.describe_target_groups(
        TargetGroupArns=[i]
    ),
    "AWS::ElasticLoadBalancingV2::Listener": _listeners,
    "AWS::ElasticLoadBalancingV2::ListenerRule": lambda a, i: a.elbv2.describe_rules(RuleArns=[i])[
        "Rules"
    ],
    "AWS::CertificateManager::Certificate": lambda a, i: a.acm.describe_certificate(
        CertificateArn=i
    ),
    "AWS::AutoScaling::AutoScalingGroup": _group,
    "AWS::AutoScaling::ScalingPolicy": _policies,
    "AWS::CloudWatch::Dashboard": lambda a, i: a.cloudwatch.get_dashboard(DashboardName=i),
    "AWS::CloudWatch::Alarm": lambda a, i: a.cloudwatch.describe_alarms(AlarmNames=[i])[
        "MetricAlarms"
    ],
    "AWS::SNS::Topic": lambda a, i: a.sns.get_topic_attributes(TopicArn=i),
    "AWS::SNS::TopicPolicy": _topic_refuses,
    "AWS::SNS::Subscription": lambda a, i: a.sns.get_subscription_attributes(SubscriptionArn=i),
}
PARTS = ("Data", "Iam", "Remote", "Network", "Edge", "Compute", "Dashboard", "Alarms")


def test_the_parts_are_there_and_the_single_host_is_not(service) -> None:
    assert set(service.parts) == set(PARTS)


@pytest.mark.parametrize("part", PARTS)
def test_every_resource_is_found_through_its_own_api(service, part, resources_of) -> None:
    made = service.parts[part]
    for logical, (kind, ident) in made.items():
        assert LOOKS[kind](service.account, ident), f"{part}.{logical} {ident}"
    # None was passed over: what the template has and its conditions let through is what was made.
    left_out = {"Edge": {"Certificate", "Secure", "ToSecure", "Alias"}, "Alarms": {"HostDown"}}
    left_out |= {"Iam": {"HostRole", "HostProfile", "ShellPolicy", "HostShellPolicy"}}
    left_out |= {"Network": {"HostSecurity", "FrontOutAnswers"}}
    assert set(resources_of(part)) - left_out.get(part, set()) == set(made)


def test_outputs_are_those_that_are_documented(service) -> None:
    assert set(service.outputs) == {
        *("Url", "Warning", "BucketName", "RequestsName", "LogGroup", "DashboardName", "TopicArn"),
        *("VpcId", "WorkerSubnets", "WorkerSecurityGroup", "WorkerTemplate", "ApiGroup"),
        *("BalancerGroup", "RemoteProfile", "RemoteSubnet", "RemoteSecurityGroup"),
        "TrainingSubnet",
    }
    assert service.outputs["BucketName"] == BUCKET
    assert service.outputs["Url"].startswith("http://")
    assert "Plain HTTP" in service.outputs["Warning"]
    assert "127.0.0.1/32 may ask, nobody else" in service.outputs["Warning"]


def test_what_grows_expires(service) -> None:
    rules = service.account.s3.get_bucket_lifecycle_configuration(Bucket=BUCKET)["Rules"]
    days = {
        each["Filter"]["Prefix"]: each["Expiration"]["Days"]
        for each in rules
        if "Expiration" in each
    }
    assert days["results/"] == 3
    assert days["uploads/"] == 1
    assert days["records/"] == 90
    assert days["remote/"] == 7
    assert any("AbortIncompleteMultipartUpload" in each for each in rules)
    block = service.account.s3.get_public_access_block(Bucket=BUCKET)
    assert set(block["PublicAccessBlockConfiguration"].values()) == {True}
    (rule,) = service.account.s3.get_bucket_ownership_controls(Bucket=BUCKET)["OwnershipControls"][
        "Rules"
    ]
    assert rule["ObjectOwnership"] == "BucketOwnerEnforced"
    (logs,) = _log_group(service.account, service.outputs["LogGroup"])
    assert logs["retentionInDays"] == 14


def test_the_load_balancer_waits_longer_than_clients_do_and_replicas_longer_than_it(
    service,
) -> None:
    elb = service.account.elbv2
    balancer = service.id("Edge", "LoadBalancer")
    told = _told(elb.describe_load_balancer_attributes(LoadBalancerArn=balancer))
    # CLASSIFYCLOUD_WAIT is 120 s; replicas keep idle connections for 160 s.
    assert told["idle_timeout.timeout_seconds"] == "150"
    assert told["routing.http.drop_invalid_header_fields.enabled"] == "true"
    group = service.id("Edge", "FrontEnds")
    told = _told(elb.describe_target_group_attributes(TargetGroupArn=group))
    assert int(told["deregistration_delay.timeout_seconds"]) > 120
    (health,) = elb.describe_target_groups(TargetGroupArns=[group])["TargetGroups"]
    assert (health["HealthCheckPath"], health["Port"]) == ("/readyz", 8000)


def _told(answer: dict[str, Any]) -> dict[str, str]:
    return {each["Key"]: each["Value"] for each in answer["Attributes"]}


def test_metrics_are_not_shown_outside(service) -> None:
    (rule,) = service.account.elbv2.describe_rules(RuleArns=[service.id("Edge", "NoMetrics")])[
        "Rules"
    ]
    (condition,), (action,) = rule["Conditions"], rule["Actions"]
    assert condition["PathPatternConfig"]["Values"] == ["/metrics", "/metrics/*"]
    assert action["FixedResponseConfig"]["StatusCode"] == "404"


def test_the_front_end_grows_and_the_balancer_is_one(service) -> None:
    (front,) = _group(service.account, service.outputs["ApiGroup"])
    (one,) = _group(service.account, service.outputs["BalancerGroup"])
    assert (front["MinSize"], front["MaxSize"]) == (1, 4)
    assert (one["MinSize"], one["MaxSize"]) == (1, 1)
    # One that is only not ready is not ended for it.
    assert front["HealthCheckType"] == "EC2"
    assert front["TargetGroupARNs"] == [service.id("Edge", "FrontEnds")]
    for group, role in ((front, "api"), (one, "balancer")):
        tags = {each["Key"]: (each["Value"], each["PropagateAtLaunch"]) for each in group["Tags"]}
        assert tags["classifycloud-role"] == (role, True)
        assert tags["classifycloud-deployment"] == (NAME, True)


def test_an_alarm_that_begins_or_ends_is_told(service) -> None:
    alarms = service.account.cloudwatch.describe_alarms(AlarmNamePrefix=f"{NAME}-")["MetricAlarms"]
    assert len(alarms) == 13
    for each in alarms:
        assert each["AlarmActions"] == each["OKActions"] == [service.outputs["TopicArn"]]
        assert each["AlarmDescription"]
    listed = service.account.sns.list_subscriptions_by_topic(TopicArn=service.outputs["TopicArn"])
    (mail,) = listed["Subscriptions"]
    assert (mail["Protocol"], mail["Endpoint"]) == ("email", "night@example.com")
