"""systemd waits for as long as the processes themselves may take, and starts what they ask to be started."""

import re

import pytest

from ami.boot.__main__ import QUEUES
from ami.boot.given import ROLES
from balancer.fleets.process import LETTING_GO
from local.endpoint import HOST
from tests.servers import ROOT
from wire.settings import ApiSettings, WorkerSettings
from worker.farewell import CLOSING, GRACE
from worker.lifecycle import LAST

UNITS = ROOT / "ami/units"


def unit(role: str) -> str:
    return (UNITS / f"classifycloud-{role}.service").read_text()


def seconds(role: str, key: str) -> float:
    return float(re.search(rf"^{key}=(\d+)$", unit(role), re.MULTILINE)[1])


def default(kind, name: str) -> float:
    return kind.model_fields[name].default


@pytest.mark.parametrize(
    ("role", "longest"),
    [
        ("worker", default(WorkerSettings, "stop_grace") + LAST + CLOSING + GRACE),
        ("api", default(ApiSettings, "drain_grace")),
        ("balancer", default(WorkerSettings, "stop_grace") + LETTING_GO),
    ],
)
def test_nobody_is_killed_who_still_finishes(role, longest):
    assert seconds(role, "TimeoutStopSec") > longest


@pytest.mark.parametrize("role", ROLES)
def test_a_unit_starts_where_the_boot_script_says_so_and_reads_what_it_wrote(role):
    text, module = unit(role), {"queue": "local.sqs"}.get(role, role)
    assert f"ConditionPathExists=/run/classifycloud/roles/{role}\n" in text
    assert f"EnvironmentFile=/run/classifycloud/{role}.env\n" in text
    assert re.search(rf"^ExecStart=\S+/python -P -m {re.escape(module)}\b", text, re.MULTILINE)
    assert f"classifycloud-{role}" in (ROOT / "ami/provision.sh").read_text()


def test_the_queue_is_where_the_others_are_sent_and_there_longer_than_they():
    text = unit("queue")
    assert {"AWS_ENDPOINT_URL_SQS": f"http://{HOST}:9324"} == QUEUES
    assert "-m local.sqs --port 9324 " in text
    before = re.search(r"^Before=(.+)$", text, re.MULTILINE)[1].split()
    assert set(before) == {f"classifycloud-{each}.service" for each in ROLES if each != "queue"}
    # On the volume: what is in memory, or of one start alone, would be lost.
    assert "--data %S/classifycloud-queue " in text
    assert "\nStateDirectory=classifycloud-queue\n" in text
