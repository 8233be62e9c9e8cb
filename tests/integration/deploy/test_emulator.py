"""What the emulator is mended in where tests met it."""

import json
import threading
import time

import boto3

from tests.emulator import emulator

KEYS = {"aws_access_key_id": "test", "aws_secret_access_key": "test", "region_name": "us-east-1"}
SLOW = {f"Q{at}": {"Type": "AWS::SQS::Queue"} for at in range(300)}


def nested(bucket: str, after: str | None = None) -> dict:
    made = {
        "Type": "AWS::CloudFormation::Stack",
        "Properties": {"TemplateURL": f"https://{bucket}.s3.us-east-1.amazonaws.com/part"},
    }
    return made | ({"DependsOn": after} if after else {})


def test_who_asks_for_a_stack_that_is_being_made_makes_no_part_of_it():
    with emulator() as server:
        s3, formation = (
            boto3.client(name, endpoint_url=server.url, **KEYS) for name in ("s3", "cloudformation")
        )
        s3.create_bucket(Bucket="templates")
        part = {"Resources": SLOW, "Outputs": {"First": {"Value": {"Ref": "Q0"}}}}
        s3.put_object(Bucket="templates", Key="part", Body=json.dumps(part))
        root = {
            "Resources": {"A": nested("templates"), "B": nested("templates", "A")},
            "Outputs": {"Of": {"Value": {"Fn::GetAtt": ["B", "Outputs.First"]}}},
        }
        making = threading.Thread(
            target=formation.create_stack,
            kwargs={"StackName": "whole", "TemplateBody": json.dumps(root)},
        )
        making.start()
        seen = set()
        while making.is_alive():
            seen |= {row["StackStatus"] for row in formation.describe_stacks()["Stacks"]}
            time.sleep(0.02)
        assert "CREATE_IN_PROGRESS" in seen
        rows = {row["StackName"]: row for row in formation.describe_stacks()["Stacks"]}
        assert len(rows) == 3, sorted(rows)
        assert rows["whole"]["Outputs"][0]["OutputValue"]
