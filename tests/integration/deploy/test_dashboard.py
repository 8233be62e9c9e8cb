"""Dashboard and alarms name figures that the code puts: put for real to the emulator, and looked up there."""

import json
import re
from dataclasses import replace
from typing import Any

import pytest

from balancer.answered import Answered
from balancer.cloudwatch import CloudWatchMetrics
from balancer.metrics import Beside, figures
from balancer.plan import Limits, Plan, Snapshot
from balancer.rules import Rules
from balancer.tick import Tick
from tests.integration.deploy.conftest import NAME
from tests.servers import ROOT
from wire.aws import Aws

pytestmark = pytest.mark.timeout(300)
OURS = "ClassifyCloud"
# Of AWS's own: what nobody but the load balancer and the machine below can know.
THEIRS = {
    ("AWS/ApplicationELB", "HealthyHostCount"),
    ("AWS/ApplicationELB", "HTTPCode_ELB_5XX_Count"),
    ("AWS/EC2", "StatusCheckFailed"),
}
SEARCH = re.compile(r"SEARCH\('\{ClassifyCloud,Code,Deployment\} MetricName=\"(\w+)\"")


def everything_known() -> Tick:
    """A tick on a service that is under way: nothing in it is unknown."""
    saw = Snapshot(9, 2, 3, idle=1, busy=2, oldest_wait=1.5, boot_seconds=40.0)
    plan = Plan(desired=4, reason="why", launch=2)
    answered = Answered(codes={"ok": 40, "timed_out": 1}, seconds={9: 39, 30: 1})
    tick = Tick(1, 1, 0.0, saw, Rules(Limits()), plan, replace(plan, launch=1), served=9)
    return replace(tick, hourly=0.2, answered=answered, keys_age=3.0)


@pytest.fixture(scope="session")
async def put(service, cloud) -> set[tuple[str, tuple[tuple[str, str], ...]]]:
    """By name and dimensions, the figures that CloudWatch has after one minute of the balancer's."""
    patch = pytest.MonkeyPatch()
    for name, value in (
        ("AWS_ENDPOINT_URL_CLOUDWATCH", cloud.endpoint),
        ("AWS_ACCESS_KEY_ID", "test"),
        ("AWS_SECRET_ACCESS_KEY", "test"),
    ):
        patch.setenv(name, value)
    aws = Aws("us-east-1")
    metrics = CloudWatchMetrics(aws, NAME)
    metrics.record(figures(everything_known(), Beside(0.001, 3, 0)))
    await metrics.put()
    await aws.close()
    patch.undo()
    listed = cloud.cloudwatch.list_metrics(Namespace=OURS)["Metrics"]
    return {(each["MetricName"], _dimensions(each["Dimensions"])) for each in listed}


def _dimensions(given: list[dict[str, str]]) -> tuple[tuple[str, str], ...]:
    return tuple(sorted((each["Name"], each["Value"]) for each in given))


@pytest.fixture(scope="session")
def widgets(service) -> list[dict[str, Any]]:
    said = service.account.cloudwatch.get_dashboard(DashboardName=service.outputs["DashboardName"])
    return json.loads(said["DashboardBody"])["widgets"]


@pytest.fixture(scope="session")
def alarms(service) -> list[dict[str, Any]]:
    return service.account.cloudwatch.describe_alarms(AlarmNamePrefix=f"{NAME}-")["MetricAlarms"]


def named(widget: dict[str, Any]) -> set[tuple[str, tuple[tuple[str, str], ...]]]:
    """The metrics of a widget, by name and dimensions."""
    found = set()
    for row in widget["properties"]["metrics"]:
        if isinstance(row[0], str):
            namespace, name, *rest = [each for each in row if isinstance(each, str)]
            assert namespace == OURS
            found.add((name, tuple(sorted(zip(rest[::2], rest[1::2], strict=True)))))
    return found


async def test_every_widget_shows_figures_that_are_put(widgets, put) -> None:
    graphs = [each for each in widgets if each["type"] == "metric"]
    assert len(graphs) == 12
    for widget in graphs:
        assert named(widget), widget["properties"]["title"]
        assert named(widget) <= put, widget["properties"]["title"]
        for row in widget["properties"]["metrics"]:
            _expression_is_of_its_widget(row, widget)
            searched = SEARCH.search(json.dumps(row[0]).replace('\\"', '"'))
            if searched is not None:
                of_codes = {name for name, dimensions in put if dict(dimensions).get("Code")}
                assert searched[1] in of_codes


def _expression_is_of_its_widget(row: list[Any], widget: dict[str, Any]) -> None:
    said = row[-1] if isinstance(row[-1], dict) else {}
    if "expression" not in said or "SEARCH" in said["expression"]:
        return
    ids = {
        each[-1]["id"]
        for each in widget["properties"]["metrics"]
        if isinstance(each[0], str) and "id" in each[-1]
    }
    assert set(re.findall(r"[a-z]\w*", said["expression"])) <= ids


async def test_an_operator_sees_all_that_was_asked_for(widgets, put) -> None:
    shown = {name for each in widgets if each["type"] == "metric" for name, _ in named(each)}
    assert {
        *("QueueDepth", "OldestWait", "DeadLetters", "HourlyCost", "CostPerThousand"),
        *("WorkersBusy", "WorkersIdle", "WorkersLaunching", "WorkersDraining"),
        *("WorkersCriterion", "WorkersDesired", "Launches", "LaunchFailures", "Terminates"),
        *("Answers", "Latency", "Failures"),
    } <= shown
    stats = {
        row[-1]["stat"]
        for each in widgets
        if each["type"] == "metric"
        for row in each["properties"]["metrics"]
        if "Latency" in row
    }
    assert stats == {"p50", "p95", "p99"}


async def test_every_alarm_watches_a_figure_that_is_put_or_one_that_is_aws_s_own(
    alarms, put
) -> None:
    for alarm in alarms:
        simple = [alarm] if "MetricName" in alarm else []
        for each in simple + [row["MetricStat"]["Metric"] for row in _stats(alarm)]:
            if each["Namespace"] == OURS:
                watched = (each["MetricName"], _dimensions(each["Dimensions"]))
                assert watched in put, alarm["AlarmName"]
            else:
                assert (each["Namespace"], each["MetricName"]) in THEIRS, alarm["AlarmName"]
                assert all(one["Value"] != "none" for one in each["Dimensions"])


def _stats(alarm: dict[str, Any]) -> list[dict[str, Any]]:
    return [row for row in alarm.get("Metrics", ()) if "MetricStat" in row]


def test_the_dashboard_s_alarms_are_there_and_all_are_in_the_documents(widgets, alarms) -> None:
    (shown,) = (each["properties"]["alarms"] for each in widgets if each["type"] == "alarm")
    assert {arn.rpartition(":")[2] for arn in shown} <= {each["AlarmName"] for each in alarms}
    told = (ROOT / "docs" / "aws.md").read_text(encoding="utf-8")
    names = {each["AlarmName"].removeprefix(f"{NAME}-") for each in alarms} | {"host-down"}
    listed = told.partition("## Alarms")[2].partition("\n## ")[0]
    assert set(re.findall(r"^\| `([a-z-]+)` \| ", listed, re.M)) == names
    runbook = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
    assert {name for name in names if not re.search(rf"^#+ .*{name}", runbook, re.M)} == set()


async def test_a_dozen_metrics_and_no_more_for_each_worker(put) -> None:
    # 0.30 $ each a month, but for codes of errors, which are paid for the hours in which they occur.
    always = {name for name, dimensions in put if "Code" not in dict(dimensions)}
    assert len(always) <= 30
    assert {tuple(name for name, _ in dimensions) for _, dimensions in put} == {
        ("Deployment",),
        ("Code", "Deployment"),
    }
