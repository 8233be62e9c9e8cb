"""What moto's CloudFormation makes in part: the rest of it, by the calls that AWS documents."""

from collections.abc import Callable, Mapping
from typing import Any

Client = Callable[[str], Any]
Properties = Mapping[str, Any]


def mend(client: Client) -> None:
    """Let these be made whole."""
    from moto.ec2.models.security_groups import SecurityGroup
    from moto.elbv2.models import FakeLoadBalancer, FakeTargetGroup
    from moto.s3.models import FakeBucket

    for kind, rest in (
        (FakeBucket, _bucket),
        (SecurityGroup, _group),
        (FakeLoadBalancer, _load_balancer),
        (FakeTargetGroup, _targets),
    ):
        _after(kind, rest, client)


def _after(kind: Any, rest: Callable[[Client, Any, Properties], None], client: Client) -> None:
    plain = kind.create_from_cloudformation_json.__func__

    def whole(cls, name, document, *account, **more):
        made = plain(cls, name, document, *account, **more)
        rest(client, made, document["Properties"])
        return made

    kind.create_from_cloudformation_json = classmethod(whole)


def _bucket(client: Client, made: Any, given: Properties) -> None:
    s3, name = client("s3"), made.name
    if "LifecycleConfiguration" in given:
        rules = [_rule(each) for each in given["LifecycleConfiguration"]["Rules"]]
        s3.put_bucket_lifecycle_configuration(Bucket=name, LifecycleConfiguration={"Rules": rules})
    if "PublicAccessBlockConfiguration" in given:
        blocked = given["PublicAccessBlockConfiguration"]
        s3.put_public_access_block(Bucket=name, PublicAccessBlockConfiguration=blocked)
    if "OwnershipControls" in given:
        owned = given["OwnershipControls"]
        s3.put_bucket_ownership_controls(Bucket=name, OwnershipControls=owned)


def _rule(given: Properties) -> dict[str, Any]:
    rule = {
        "ID": given["Id"],
        "Status": given["Status"],
        "Filter": {"Prefix": given.get("Prefix", "")},
    }
    if "ExpirationInDays" in given:
        rule["Expiration"] = {"Days": int(given["ExpirationInDays"])}
    if "AbortIncompleteMultipartUpload" in given:
        rule["AbortIncompleteMultipartUpload"] = given["AbortIncompleteMultipartUpload"]
    return rule


def _group(client: Client, made: Any, given: Properties) -> None:
    """Rules that let out replace the one that a group has by itself, which lets out all."""
    if "SecurityGroupEgress" not in given:
        return
    ec2 = client("ec2")
    all_of_it = {"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}
    ec2.revoke_security_group_egress(GroupId=made.id, IpPermissions=[all_of_it])
    for rule in given["SecurityGroupEgress"]:
        where = {"CidrIp": rule["CidrIp"], "Description": rule["Description"]}
        permission = {key: rule[key] for key in ("IpProtocol", "FromPort", "ToPort")}
        ec2.authorize_security_group_egress(
            GroupId=made.id, IpPermissions=[{**permission, "IpRanges": [where]}]
        )


def _load_balancer(client: Client, made: Any, given: Properties) -> None:
    if "LoadBalancerAttributes" in given:
        client("elbv2").modify_load_balancer_attributes(
            LoadBalancerArn=made.arn, Attributes=given["LoadBalancerAttributes"]
        )


def _targets(client: Client, made: Any, given: Properties) -> None:
    if "TargetGroupAttributes" in given:
        client("elbv2").modify_target_group_attributes(
            TargetGroupArn=made.arn, Attributes=given["TargetGroupAttributes"]
        )
