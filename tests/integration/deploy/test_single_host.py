"""The single host: the same service on one instance, with the same walls and no more rights."""

import pytest

from cli.deploy_report import shown
from deploy import plan, standing
from deploy.account import Account as OperatorsAccount
from deploy.wish import Wish
from tests.integration.deploy.made import REGION
from tests.integration.deploy.policies import Call, allowed
from tests.integration.deploy.test_launch_templates import data_of, told
from tests.integration.deploy.test_network import IN, OUT, WORLD, groups, passes
from tests.integration.deploy.test_roles import MAY
from wire.prices import listed
from wire.settings import ApiSettings, BalancerSettings, WorkerSettings

pytestmark = pytest.mark.timeout(300)

OF_BEFORE = """
Parameters: {Profile: {Type: String}}
Resources: {Some: {Type: AWS::SQS::Queue}}
"""


def test_there_is_no_load_balancer_and_no_group_to_pay_for(single) -> None:
    assert set(single.parts) == {"Data", "Iam", "Remote", "Network", "Host", "Dashboard", "Alarms"}
    kinds = {kind for part in single.parts.values() for kind, _ in part.values()}
    assert not [kind for kind in kinds if "LoadBalancing" in kind or "AutoScaling" in kind]


def test_one_instance_with_a_fixed_address_is_what_is_asked(single) -> None:
    ec2, ident = single.account.ec2, single.outputs["HostInstance"]
    (reservation,) = ec2.describe_instances(InstanceIds=[ident])["Reservations"]
    (host,) = reservation["Instances"]
    assert host["SubnetId"] == single.id("Network", "FrontSubnetA")
    tags = {each["Key"]: each["Value"] for each in host["Tags"]}
    assert (tags["classifycloud-role"], tags["classifycloud-deployment"]) == ("host", "single")
    (address,) = ec2.describe_addresses(Filters=[{"Name": "instance-id", "Values": [ident]}])[
        "Addresses"
    ]
    assert single.outputs["Url"] == f"http://{address['PublicIp']}:8000"
    assert "Plain HTTP" in single.outputs["Warning"]


def test_user_data_are_settings_of_every_process_on_it(single, monkeypatch) -> None:
    data = data_of(single, "Host", "HostTemplate")
    said = told(data)
    assert said["START"].split() == ["queue", "api", "balancer"]
    # Where its queue is the image knows; all else is AWS's.
    assert not [name for name in said if name.startswith("AWS_")]
    assert data["MetadataOptions"]["HttpTokens"] == "required"
    assert data["MetadataOptions"]["HttpPutResponseHopLimit"] == 1
    known = {name for kind in (ApiSettings, BalancerSettings) for name in kind.model_fields}
    ours = {name for name in said if name.startswith("CLASSIFYCLOUD_")}
    assert {name.removeprefix("CLASSIFYCLOUD_").lower() for name in ours} <= known
    for name in ours:
        monkeypatch.setenv(name, said[name])
    front, balancer, worker = ApiSettings(), BalancerSettings(), WorkerSettings()
    assert (front.host, front.port, front.proxies, front.access) == ("0.0.0.0", 8000, 0, "keys")
    assert (balancer.fleet, balancer.min_workers, balancer.max_workers) == ("process", 1, 1)
    assert worker.bucket == front.bucket == single.outputs["BucketName"]


@pytest.mark.parametrize(("which", "never"), [("single", ("ec2:", "sqs:")), ("with_sqs", "ec2:")])
def test_its_role_may_what_the_three_processes_may_and_no_more(which, never, request) -> None:
    made = request.getfixturevalue(which)
    roles = made.roles()
    assert set(roles) == {"HostRole", "RemoteRole"}
    documents = roles["HostRole"]["documents"]
    for role in ("ApiRole", "WorkerRole", "BalancerRole"):
        for call in MAY[role]:
            here = Call(call.action, call.resource.replace("try-out", made.name), call.context)
            # No input buckets, no fleet on EC2, and no SQS where the host has its own queue.
            if "pictures" in call.resource.rpartition(":")[2].split("/")[0]:
                continue
            assert allowed(documents, here) is (not call.action.startswith(never)), here


def test_there_are_queues_in_sqs_or_one_on_the_host(single, with_sqs) -> None:
    assert single.of("AWS::SQS::Queue") == single.of("AWS::SQS::QueuePolicy") == {}
    assert "RequestsName" not in single.outputs
    assert len(with_sqs.of("AWS::SQS::Queue")) == 6
    assert with_sqs.outputs["RequestsName"] == "with-sqs-requests"
    assert told(data_of(with_sqs, "Host", "HostTemplate"))["START"] == "api balancer"


def test_what_waits_on_the_host_is_told_by_the_figures_of_its_balancer(single, monkeypatch) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "test")

    def look() -> standing.Standing:
        account = OperatorsAccount(REGION, single.account.endpoint)
        return standing.look(account, "single", "http://127.0.0.1:1")

    assert look().queues == {"requests": None, "dead-letter": None}
    assert "requests   unknown" in shown(look())
    assert standing.as_document(look())["queues"]["requests"] is None
    own = [{"Name": "Deployment", "Value": "single"}]
    figures = {"QueueDepth": 7.0, "InFlight": 3.0, "DeadLetters": 1.0}
    rows = [{"MetricName": n, "Value": v, "Dimensions": own} for n, v in figures.items()]
    single.account.cloudwatch.put_metric_data(Namespace="ClassifyCloud", MetricData=rows)
    assert look().queues == {"requests": (7, 3), "dead-letter": (1, 0)}
    assert look().replicas == 1
    assert "requests   7 waiting, 3 in flight" in shown(look())


@pytest.mark.parametrize(("asked", "queue"), [({}, "sqs"), ({"HostQueue": "own"}, "own")])
def test_a_host_of_before_there_was_a_choice_stays_with_sqs(
    asked, queue, single, monkeypatch
) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "test")
    name = f"of-before-{queue}"
    single.account.cloudformation.create_stack(
        StackName=name,
        TemplateBody=OF_BEFORE,
        Parameters=[{"ParameterKey": "Profile", "ParameterValue": "single-host"}],
    )
    account = OperatorsAccount(REGION, single.account.endpoint)
    wish = Wish(name, {"ClientCidr": "127.0.0.1/32", **asked}, image="ami-1")
    found = plan.made(account, wish, listed())
    assert found.values["HostQueue"] == queue
    assert ("HostQueue" in found.changes) is bool(asked)


def test_only_clients_come_in_and_they_are_answered(single) -> None:
    host = groups(single)["HostSecurity"]
    (rule,) = host["IpPermissions"]
    assert rule["FromPort"] == rule["ToPort"] == 8000
    assert [each["CidrIp"] for each in rule["IpRanges"]] == ["127.0.0.1/32"]
    assert passes(single, "FrontAcl", IN, WORLD, 8000)
    assert passes(single, "FrontAcl", OUT, "127.0.0.1", 50000)
    assert not passes(single, "FrontAcl", OUT, WORLD, 50000)
    assert not passes(single, "FrontAcl", OUT, "10.20.0.9", 443)


def test_it_has_the_alarms_that_mean_something_here(single) -> None:
    names = set(single.of("AWS::CloudWatch::Alarm").values())
    assert "single-host-down" in names
    assert not {"single-front-end-down", "single-launch-failures", "single-at-maximum"} & names
    (alarm,) = single.account.cloudwatch.describe_alarms(AlarmNames=["single-host-down"])[
        "MetricAlarms"
    ]
    assert alarm["Dimensions"] == [{"Name": "InstanceId", "Value": single.outputs["HostInstance"]}]
    assert alarm["AlarmArn"].split(":")[3] == REGION
