"""`classifycloud deploy` on an emulator, killed midway, run again, and with a bucket that is to stay."""

import json
import time

import pytest

from deploy import naming
from tests.deployed import Deployed
from tests.emulator import emulator

pytestmark = pytest.mark.timeout(600)


@pytest.fixture(scope="module")
def deployed(tmp_path_factory):
    with emulator() as server:
        yield Deployed(server.url, "again", tmp_path_factory.mktemp("machines"))


def killed(deployed, options, word):
    """Kill the command as soon as it says this."""
    process = deployed.start("up", *options)
    for line in process.stderr:
        if word in line:
            break
    else:
        pytest.fail(f"it never said {word!r}")
    process.kill()
    process.communicate()


def baking(deployed, name):
    """Instances of bakes of this name that ever were and that live, and roles, which they need."""
    rows = deployed.client("ec2").describe_instances(
        Filters=[{"Name": "tag:Name", "Values": [f"{name}.*"]}]
    )
    states = [each["State"]["Name"] for row in rows["Reservations"] for each in row["Instances"]]
    roles = [row["RoleName"] for row in deployed.client("iam").list_roles()["Roles"]]
    return len(states), states.count("running"), sum(each.startswith(f"{name}.") for each in roles)


def source_of(image):
    return next(tag["Value"] for tag in image["Tags"] if tag["Key"] == "classifycloud-source")


def told(deployed, group):
    """What processes say is shown, of those that are asked for."""
    logs, now = deployed.client("logs"), int(time.time() * 1000)
    for stream, text in (("worker/i-1", "ready"), ("api/i-2", "listening")):
        logs.create_log_stream(logGroupName=group, logStreamName=stream)
        event = {"timestamp": now, "message": text}
        logs.put_log_events(logGroupName=group, logStreamName=stream, logEvents=[event])
    line = json.loads(deployed.run("logs", "worker", "--json"))
    assert (line["stream"], line["text"]) == ("worker/i-1", "ready")


def test_killed_anywhere_it_goes_on_and_what_is_to_stay_stays(deployed):
    options = ["--base-image", deployed.image(), "--client-cidr", "127.0.0.1/32"]
    killed(deployed, options, "boots")
    killed(deployed, options, "the stack is being made")
    made = deployed.document("up", *options)
    assert made["status"] == "CREATE_COMPLETE"
    images = deployed.client("ec2").describe_images(Owners=["self"])["Images"]
    baked = {image["ImageId"]: source_of(image) for image in images}
    # The bake that was killed is of another name where somebody wrote in the sources meanwhile.
    bake = naming.bake_name(baked[made["parameters"]["ImageId"]])
    launched, living, roles = baking(deployed, bake)
    assert launched >= 1
    assert (living, roles) == (0, 0)
    # Of each state of the sources one: somebody may write in them while this runs.
    assert len(set(baked.values())) == len(baked)
    assert len(deployed.alive("balancer")) == 1

    told(deployed, made["outputs"]["LogGroup"])
    deployed.client("s3").put_object(
        Bucket=made["outputs"]["BucketName"], Key="models/x", Body=b"x"
    )
    left = deployed.document("down", "--yes", "--keep-data")
    assert (list(left["kept"]), left["left"]) == ([made["outputs"]["BucketName"]], {})
    plan = deployed.document("plan", "--image", deployed.image(), *options[2:])
    assert plan["possible"]
    assert 0 < plan["hourly"]["least"] < plan["hourly"]["most"]
    again = deployed.document("up", "--image", deployed.image(), *options[2:])
    assert again["outputs"]["BucketName"] == made["outputs"]["BucketName"]
    assert deployed.document("down", "--yes") == {"kept": {}, "left": {}}
    assert not deployed.client("s3").list_buckets()["Buckets"]


def test_what_cannot_be_is_said_before_anything_is_made(deployed):
    never = Deployed(deployed.url, "never", deployed.folder)
    process = never.start("up", "--image", "ami-1", "--set", "NoSuch=1")
    _, errors = process.communicate(timeout=120)
    assert process.returncode == 1
    assert "The template has no parameter NoSuch" in errors
    stacks = never.client("cloudformation").describe_stacks()["Stacks"]
    assert not [stack for stack in stacks if stack["StackName"].startswith("never")]
    never.run("status", status=1)
