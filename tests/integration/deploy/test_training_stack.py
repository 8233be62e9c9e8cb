"""The cluster of a training, made on moto and read back; what moto drops is asserted of the template."""

import json

import boto3
import pytest

from deploy.remote.cluster import TEMPLATE
from tests.servers import moto_server

RUN = "r-0123456789"
KEYS = {"aws_access_key_id": "test", "aws_secret_access_key": "test", "region_name": "us-east-1"}


@pytest.fixture(scope="module")
def clients():
    """By the service's name, with the stack made."""
    with moto_server() as url:
        names = ("cloudformation", "emr", "iam", "ec2")
        made = {name: boto3.client(name, endpoint_url=url, **KEYS) for name in names}
        subnet = made["ec2"].describe_subnets()["Subnets"][0]
        given = {
            "Deployment": "try-out",
            "RunId": RUN,
            "BucketName": "try-out-bucket",
            "Subnet": subnet["SubnetId"],
            "Vpc": subnet["VpcId"],
            "DataArn": "arn:aws:s3:::pictures/set*",
            "DataBucketArn": "arn:aws:s3:::pictures",
        }
        made["cloudformation"].create_stack(
            StackName="training",
            TemplateBody=TEMPLATE.read_text(encoding="utf-8"),
            Capabilities=["CAPABILITY_IAM"],
            Parameters=[
                {"ParameterKey": key, "ParameterValue": value} for key, value in given.items()
            ],
        )
        yield made


def test_a_host_on_demand_and_four_workers_with_graphics_cards_on_spot(clients):
    emr, formation = clients["emr"], clients["cloudformation"]
    (stack,) = formation.describe_stacks(StackName="training")["Stacks"]
    outputs = {row["OutputKey"]: row["OutputValue"] for row in stack["Outputs"]}
    cluster = emr.describe_cluster(ClusterId=outputs["ClusterId"])["Cluster"]
    tags = {tag["Key"]: tag["Value"] for tag in cluster["Tags"]}
    assert tags["classifycloud-remote"] == RUN
    assert tags["for-use-with-amazon-emr-managed-policies"] == "true"
    # moto makes no instance groups of a template: what they are is asserted of it.
    text = " ".join(TEMPLATE.read_text(encoding="utf-8").split())
    host = "InstanceType: !Ref HostType InstanceCount: 1 Market: ON_DEMAND"
    workers = "InstanceType: !Ref WorkerType InstanceCount: !Ref Workers Market: !Ref Market"
    assert host in text
    assert workers in text
    assert "WorkerType: Type: String Default: g4dn.xlarge" in text
    assert "Workers: Type: Number Default: 4" in text
    assert "Market: Type: String Default: SPOT" in text


def test_its_machines_may_touch_the_runs_folder_and_the_pictures_and_no_more(clients):
    iam, formation = clients["iam"], clients["cloudformation"]
    rows = formation.describe_stack_resources(StackName="training")["StackResources"]
    role = next(r["PhysicalResourceId"] for r in rows if r["LogicalResourceId"] == "NodeRole")
    assert iam.list_attached_role_policies(RoleName=role)["AttachedPolicies"] == []
    document = iam.get_role_policy(RoleName=role, PolicyName="training")["PolicyDocument"]
    said = json.dumps(document)
    assert f"try-out-bucket/remote/{RUN}/*" in said
    assert "arn:aws:s3:::pictures/set*" in said
    assert '"*"' not in said
    actions = {
        action for action in said.split('"') if ":" in action and not action.startswith("arn")
    }
    assert {each for each in actions if each.startswith(("ec2", "iam", "sqs", "ssm"))} == set()


def test_its_machines_have_one_group_of_the_stacks_own_that_reaches_itself(clients):
    rows = clients["cloudformation"].describe_stack_resources(StackName="training")
    (nodes,) = [r for r in rows["StackResources"] if r.get("LogicalResourceId") == "Nodes"]
    asked = {"GroupIds": [nodes["PhysicalResourceId"]]}
    (group,) = clients["ec2"].describe_security_groups(**asked)["SecurityGroups"]
    tags = {tag["Key"]: tag["Value"] for tag in group["Tags"]}
    assert tags["for-use-with-amazon-emr-managed-policies"] == "true"
    # Beside what EMR adds, on moto too.
    rules = [
        (r["IpProtocol"], pair["GroupId"])
        for r in group["IpPermissions"]
        for pair in r["UserIdGroupPairs"]
    ]
    assert ("-1", nodes["PhysicalResourceId"]) in rules
    assert not any(rule["IpRanges"] for rule in group["IpPermissions"])
    text = TEMPLATE.read_text(encoding="utf-8")
    for each in ("Master", "Slave"):
        assert f"EmrManaged{each}SecurityGroup: !GetAtt Nodes.GroupId" in text


def test_it_ends_by_itself():
    text = TEMPLATE.read_text(encoding="utf-8")
    assert "AutoTerminationPolicy: {IdleTimeout: !Ref IdleSeconds}" in text
    idle = text.partition("  IdleSeconds:")[2].partition("\n\n")[0]
    assert "Default: 900" in idle
    assert "TerminationProtected: false" in text
