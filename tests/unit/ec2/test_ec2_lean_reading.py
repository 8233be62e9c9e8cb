"""What the lean reading makes of an answer is what botocore's own makes of it, as far as it is read."""

import boto3
import pytest
from botocore.awsrequest import AWSResponse
from botocore.exceptions import ClientError

from balancer.fleets.ec2 import lean
from balancer.fleets.ec2.instances import parsed
from bench.balancer.instances import pages

REFUSED = b"""<?xml version="1.0"?><Response><Errors><Error><Code>UnauthorizedOperation</Code>
<Message>no</Message></Error></Errors><RequestID>1</RequestID></Response>"""


class Raw:
    def __init__(self, body):
        self.body = body

    def stream(self, *args, **kwargs):
        yield self.body


def client(body, status=200):
    """A boto3 client whose every request is answered with this body."""
    ec2 = boto3.client(
        "ec2", region_name="us-east-1", aws_access_key_id="x", aws_secret_access_key="y"
    )
    answer = AWSResponse("https://ec2", status, {}, Raw(body))
    ec2.meta.events.register("before-send.ec2", lambda **_: answer)
    return ec2


def both(body):
    plain, read = client(body), client(body)
    lean.install(read)
    return plain.describe_instances(), read.describe_instances()


def instances(answer):
    return [parsed(raw) for each in answer["Reservations"] for raw in each["Instances"]]


def test_every_field_is_the_same():
    (body,) = pages(25, "lab", "2026-11-21T10:00:01.000Z")
    plain, read = both(body)
    assert instances(read) == instances(plain)
    assert len(instances(read)) == 25
    assert "NextToken" not in read


def test_what_an_instance_lacks_is_lacking():
    (body,) = pages(1, "lab", "2026-11-21T10:00:01.000Z")
    text = body.decode().replace("<instanceLifecycle>spot</instanceLifecycle>", "")
    start, end = text.index("<tagSet>"), text.index("</tagSet>")
    plain, read = both((text[:start] + "<tagSet>" + text[end:]).encode())
    assert instances(read) == instances(plain)
    assert instances(read)[0].market == "on-demand"


def test_the_date_in_the_namespace_does_not_matter():
    (body,) = pages(2, "lab", "2026-11-21T10:00:01.000Z")
    plain, read = both(body.replace(b"2016-11-15", b"2013-10-15"))
    assert instances(read) == instances(plain)


def test_pages_follow_each_other():
    first, last = pages(1_001, "lab", "2026-11-21T10:00:01.000Z")
    plain, read = both(first)
    assert read["NextToken"] == plain["NextToken"] == "1000"
    assert [len(instances(answer)) for answer in (both(first)[1], both(last)[1])] == [1_000, 1]


def test_a_refusal_is_still_one():
    refused = client(REFUSED, 403)
    lean.install(refused)
    with pytest.raises(ClientError, match="UnauthorizedOperation"):
        refused.describe_instances()
