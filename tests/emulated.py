"""Kinds of resources that moto's CloudFormation passes over, made by the calls that AWS documents for them.

Each goes through the emulator's own endpoint, so that botocore holds what a template says to the shape of the
call, and what was made is found again by the service's own API.
"""

import json
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import cache
from typing import Any

import boto3
from botocore.exceptions import ClientError

from tests import completed

Client = Callable[[str], Any]
Properties = Mapping[str, Any]
# Given clients and properties, what the resource is called from then on.
Make = Callable[[Client, Properties], str]
Drop = Callable[[Client, str], None]


def _acl(client: Client, given: Properties) -> str:
    made = client("ec2").create_network_acl(VpcId=given["VpcId"])
    return str(made["NetworkAcl"]["NetworkAclId"])


def _drop_acl(client: Client, name: str) -> None:
    ec2 = client("ec2")
    (acl,) = ec2.describe_network_acls(NetworkAclIds=[name])["NetworkAcls"]
    usual = [
        {"Name": "vpc-id", "Values": [acl["VpcId"]]},
        {"Name": "default", "Values": ["true"]},
    ]
    (default,) = ec2.describe_network_acls(Filters=usual)["NetworkAcls"]
    # An association that goes leaves its subnet to the network's own list.
    for each in acl["Associations"]:
        ec2.replace_network_acl_association(
            AssociationId=each["NetworkAclAssociationId"], NetworkAclId=default["NetworkAclId"]
        )
    ec2.delete_network_acl(NetworkAclId=name)


def _entry(client: Client, given: Properties) -> str:
    call = {key: value for key, value in given.items() if key not in ("Icmp", "Protocol")}
    if "Icmp" in given:
        call["IcmpTypeCode"] = given["Icmp"]
    client("ec2").create_network_acl_entry(**call, Protocol=str(given["Protocol"]))
    return f"{given['NetworkAclId']}|{given['RuleNumber']}|{given['Egress']}"


def _drop_entry(client: Client, name: str) -> None:
    acl, number, egress = name.split("|")
    with suppress(ClientError):  # its list is gone already, and with it the entry
        client("ec2").delete_network_acl_entry(
            NetworkAclId=acl, RuleNumber=int(number), Egress=egress == "True"
        )


def _association(client: Client, given: Properties) -> str:
    where = [{"Name": "association.subnet-id", "Values": [given["SubnetId"]]}]
    found = client("ec2").describe_network_acls(Filters=where)["NetworkAcls"]
    (now,) = (
        each["NetworkAclAssociationId"]
        for acl in found
        for each in acl["Associations"]
        if each["SubnetId"] == given["SubnetId"]
    )
    made = client("ec2").replace_network_acl_association(
        AssociationId=now, NetworkAclId=given["NetworkAclId"]
    )
    return str(made["NewAssociationId"])


def _route_table(client: Client, given: Properties) -> str:
    made = client("ec2").associate_route_table(**given)
    return str(made["AssociationId"])


def _drop_route_table(client: Client, name: str) -> None:
    client("ec2").disassociate_route_table(AssociationId=name)


def _queue_policy(client: Client, given: Properties) -> str:
    for queue in given["Queues"]:
        client("sqs").set_queue_attributes(
            QueueUrl=queue, Attributes={"Policy": _json(given["PolicyDocument"])}
        )
    return "queue-policy"


def _bucket_policy(client: Client, given: Properties) -> str:
    client("s3").put_bucket_policy(Bucket=given["Bucket"], Policy=_json(given["PolicyDocument"]))
    return str(given["Bucket"])


def _alarm(client: Client, given: Properties) -> str:
    call = {**given, "Threshold": float(given["Threshold"])}
    client("cloudwatch").put_metric_alarm(**call)
    return str(given["AlarmName"])


def _drop_alarm(client: Client, name: str) -> None:
    client("cloudwatch").delete_alarms(AlarmNames=[name])


def _scaling(client: Client, given: Properties) -> str:
    client("autoscaling").put_scaling_policy(**given, PolicyName="follow")
    return f"{given['AutoScalingGroupName']}|follow"


def _topic_policy(client: Client, given: Properties) -> str:
    for topic in given["Topics"]:
        client("sns").set_topic_attributes(
            TopicArn=topic, AttributeName="Policy", AttributeValue=_json(given["PolicyDocument"])
        )
    return "topic-policy"


def _subscription(client: Client, given: Properties) -> str:
    made = client("sns").subscribe(**given, ReturnSubscriptionArn=True)
    return str(made["SubscriptionArn"])


def _drop_subscription(client: Client, name: str) -> None:
    client("sns").unsubscribe(SubscriptionArn=name)


def _certificate(client: Client, given: Properties) -> str:
    # Where its zone is given, CloudFormation puts the record that proves the domain there.
    made = client("acm").request_certificate(
        DomainName=given["DomainName"], ValidationMethod=given["ValidationMethod"]
    )
    return str(made["CertificateArn"])


def _drop_certificate(client: Client, name: str) -> None:
    client("acm").delete_certificate(CertificateArn=name)


def _nothing(client: Client, name: str) -> None:
    """It goes with what it belongs to."""


KINDS: dict[str, tuple[Make, Drop]] = {
    "AWS::EC2::NetworkAcl": (_acl, _drop_acl),
    "AWS::EC2::NetworkAclEntry": (_entry, _drop_entry),
    "AWS::EC2::SubnetNetworkAclAssociation": (_association, _nothing),
    "AWS::EC2::SubnetRouteTableAssociation": (_route_table, _drop_route_table),
    "AWS::SQS::QueuePolicy": (_queue_policy, _nothing),
    "AWS::S3::BucketPolicy": (_bucket_policy, _nothing),
    "AWS::CloudWatch::Alarm": (_alarm, _drop_alarm),
    "AWS::AutoScaling::ScalingPolicy": (_scaling, _nothing),
    "AWS::SNS::TopicPolicy": (_topic_policy, _nothing),
    "AWS::SNS::Subscription": (_subscription, _drop_subscription),
    "AWS::CertificateManager::Certificate": (_certificate, _drop_certificate),
}


def _json(document: Any) -> str:
    return json.dumps(document)


def mend(endpoint: str) -> None:
    """Let moto's CloudFormation make them; `endpoint` is where this very server will answer."""

    @cache
    def client(service: str) -> Any:
        return boto3.client(
            service,
            region_name="us-east-1",
            endpoint_url=endpoint,
            aws_access_key_id="test",
            aws_secret_access_key="test",
        )

    for kind, (make, drop) in KINDS.items():
        _add(kind, make, drop, client)
    completed.mend(client)
    _retained()
    _instances_by_template(client)


def _add(kind: str, make: Make, drop: Drop, client: Client) -> None:
    from moto.core.common_models import CloudFormationModel

    class Emulated(CloudFormationModel):
        def __init__(self, name: str) -> None:
            self.physical_resource_id = name

        @staticmethod
        def cloudformation_type() -> str:
            return kind

        @staticmethod
        def cloudformation_name_type() -> str:
            return ""

        @classmethod
        def create_from_cloudformation_json(cls, _name, document, *_account, **_more):
            return cls(make(client, document["Properties"]))

        def delete(self, *_account) -> None:
            drop(client, self.physical_resource_id)

    # moto finds kinds by asking their base for its children, which must not be forgotten.
    _KEPT.append(Emulated)


_KEPT: list[type] = []


def _retained() -> None:
    """moto knows one word for what outlives its stack."""
    from moto.cloudformation.parsing import ResourceMap

    plain = ResourceMap.delete

    def delete(self) -> None:
        for each in self._resource_json_map.values():
            if each.get("DeletionPolicy") == "RetainExceptOnCreate":
                each["DeletionPolicy"] = "Retain"
        plain(self)

    ResourceMap.delete = delete


def _instances_by_template(client: Client) -> None:
    from moto.ec2.models import ec2_backends
    from moto.ec2.models.instances import Instance

    plain = Instance.create_from_cloudformation_json.__func__

    def by_template(cls, name, document, account, region, **more):
        given = document["Properties"]
        if "LaunchTemplate" not in given:
            return plain(cls, name, document, account, region, **more)
        made = client("ec2").run_instances(
            LaunchTemplate=given["LaunchTemplate"],
            SubnetId=given["SubnetId"],
            MinCount=1,
            MaxCount=1,
        )
        return ec2_backends[account][region].get_instance(made["Instances"][0]["InstanceId"])

    Instance.create_from_cloudformation_json = classmethod(by_template)
