"""A stack whose making is asked for twice, on the emulator."""

import pytest

from deploy.account import Account
from deploy.errors import DeployError
from deploy.formation import Formation
from tests.emulator import emulator

TEMPLATE = "Resources: {Queue: {Type: AWS::SQS::Queue}}"
URL = "https://templates.s3.us-east-1.amazonaws.com/stack.yaml"


def test_an_answer_that_is_lost_makes_no_second_stack(monkeypatch):
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    with emulator() as server:
        account = Account("us-east-1", server.url)
        bucket = {"Bucket": "templates"}
        account.client("s3").create_bucket(**bucket)
        account.client("s3").put_object(**bucket, Key="stack.yaml", Body=TEMPLATE.encode())
        client, lost = account.client("cloudformation"), []

        def lose(response, **_):
            if not lost and response is not None:
                lost.append(response[1]["StackId"])
                return 0.0  # seconds until boto3 asks again
            return None

        client.meta.events.register_first("needs-retry.cloudformation.CreateStack", lose)
        made = Formation(account, "twice").create(URL, {})
        assert [made] == lost
        assert len(client.describe_stacks()["Stacks"]) == 1
        with pytest.raises(DeployError, match="already exists"):
            Formation(account, "twice").create(URL, {})
