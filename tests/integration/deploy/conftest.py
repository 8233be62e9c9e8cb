"""The roles of a deployment, made on a moto server and read back from it."""

import ast

import boto3
import pytest

from tests.servers import ROOT, moto_server

TEMPLATE = ROOT / "deploy" / "templates" / "iam.yaml"
NAME, BUCKET = "try-out", "try-out-bucket"


@pytest.fixture(scope="module")
def roles():
    """By its logical name, a role's documents, and its ARN under `arn`."""
    with moto_server() as url:
        keys = {"aws_access_key_id": "test", "aws_secret_access_key": "test"}
        iam, formation = (
            boto3.client(each, region_name="us-east-1", endpoint_url=url, **keys)
            for each in ("iam", "cloudformation")
        )
        given = {"Deployment": NAME, "BucketName": BUCKET}
        formation.create_stack(
            StackName="iam",
            TemplateBody=TEMPLATE.read_text(),
            Capabilities=["CAPABILITY_IAM"],
            Parameters=[
                {"ParameterKey": key, "ParameterValue": value} for key, value in given.items()
            ],
        )
        rows = formation.describe_stack_resources(StackName="iam")["StackResources"]
        yield {
            row["LogicalResourceId"]: _role(iam, row["PhysicalResourceId"])
            for row in rows
            if row["ResourceType"] == "AWS::IAM::Role"
        }


def _role(iam, name):
    policies = iam.list_role_policies(RoleName=name)["PolicyNames"]
    return {
        "documents": [
            _document(iam.get_role_policy(RoleName=name, PolicyName=each)["PolicyDocument"])
            for each in policies
        ],
        "attached": iam.list_attached_role_policies(RoleName=name)["AttachedPolicies"],
        "trusts": iam.get_role(RoleName=name)["Role"]["AssumeRolePolicyDocument"],
        "arn": iam.get_role(RoleName=name)["Role"]["Arn"],
    }


def _document(said):
    # moto writes the inline policies of a template as Python does a dict.
    return ast.literal_eval(said) if isinstance(said, str) else said
