"""Several real balancers, killed, frozen and cut off from S3; and what an operator asks of them."""

import json
import os
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest

from tests.integration.balancing import Endpoints, Running, balancer, until
from tests.servers import ROOT, sqs, storage

LEASE, TICK = 3.0, 0.5
LEADS = "this balancer leads"
BUSY_MACHINE = 6.0  # seconds


@pytest.fixture(scope="module")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Endpoints]:
    folder = tmp_path_factory.mktemp("servers")
    with sqs(folder / "sqs") as queue, storage(folder / "storage") as store:
        yield Endpoints(queue, store)


@pytest.fixture
def endpoints(servers: Endpoints) -> Endpoints:
    servers.deployment = f"test-{uuid.uuid4().hex[:12]}"
    return servers


@pytest.fixture
def folders(tmp_path: Path) -> list[Path]:
    found = [tmp_path / "one", tmp_path / "two"]
    for folder in found:
        folder.mkdir()
    return found


def dry(endpoints: Endpoints, folder: Path, **settings: object):
    chosen = {"fleet": "dry-run", "min_workers": 1, "lease": LEASE, "tick": TICK, **settings}
    return balancer(endpoints, folder, **chosen)


def at(event: dict) -> float:
    return datetime.fromisoformat(event["timestamp"]).timestamp()


def ticks_more(running: Running, count: int = 3) -> list[dict]:
    seen = len(running.events("tick"))
    until(lambda: len(running.events("tick")) >= seen + count, "no ticks")
    return running.events("tick")[seen:]


def test_one_of_two_acts_and_the_other_follows_when_it_is_killed(endpoints, folders) -> None:
    with dry(endpoints, folders[0]) as first:
        ticks_more(first)
        with dry(endpoints, folders[1]) as second:
            until(lambda: second.events("balancer starts"), "it did not start")
            time.sleep(LEASE + 2 * TICK)
            assert second.events("tick") == second.events("would launch") == []
            first.process.kill()
            first.process.wait()
            killed = time.time()
            until(lambda: second.events("would launch"), "nobody followed")
            [leads] = second.events(LEADS)
            assert leads["epoch"] == 2
            assert at(second.events("tick")[0]) - killed < LEASE + TICK + BUSY_MACHINE
            assert second.stop() == 0


def test_a_balancer_that_is_told_to_stop_lets_the_next_one_lead_at_once(endpoints, folders) -> None:
    with dry(endpoints, folders[0], lease=60) as first:
        ticks_more(first)
        with dry(endpoints, folders[1], lease=60) as second:
            until(lambda: second.events("balancer starts"), "it did not start")
            assert first.stop() == 0
            stopped = time.time()
            until(lambda: second.events("tick"), "nobody followed")
            assert at(second.events("tick")[0]) - stopped < 20
            assert second.stop() == 0


def test_one_that_was_frozen_for_longer_than_its_lease_does_nothing_more(
    endpoints, folders
) -> None:
    with dry(endpoints, folders[0]) as first:
        ticks_more(first)
        with dry(endpoints, folders[1]) as second:
            until(lambda: second.events("balancer starts"), "it did not start")
            first.process.send_signal(signal.SIGSTOP)
            try:
                until(lambda: second.events("tick"), "nobody followed")
                seen = len(first.events("tick"))
            finally:
                first.process.send_signal(signal.SIGCONT)
            until(lambda: first.events("lease lost"), "it did not notice")
            ticks_more(second, 6)
            assert len(first.events("tick")) == seen
            assert second.stop() == first.stop() == 0


def test_without_s3_the_leader_acts_on_until_its_lease_runs_out(endpoints, folders) -> None:
    with dry(endpoints, folders[0]) as running:
        ticks_more(running)
        endpoints.store.kill()
        away = time.time()
        time.sleep(2 * LEASE)
        last = at(running.events("tick")[-1])
        assert last < away + LEASE
        assert last > away + LEASE - TICK - LEASE / 3 - 2 * TICK - BUSY_MACHINE
        endpoints.store.restart()
        more = ticks_more(running)
        assert {tick["epoch"] for tick in more} == {1}
        numbers = [tick["tick"] for tick in running.events("tick")]
        assert numbers == sorted(set(numbers))
        assert running.stop() == 0


def test_a_killed_balancers_heir_has_its_picture_on_the_first_tick(endpoints, tmp_path) -> None:
    with balancer(endpoints, tmp_path, min_workers=1, lease=60) as first:
        until(lambda: any(tick["idle"] for tick in first.events("tick")), "never ready")
        ticks_more(first, 2)
        first.process.kill()
        first.process.wait()
        seen = len(first.events("tick"))
        began = time.time()
        with balancer(endpoints, tmp_path, min_workers=1, lease=60) as heir:
            until(lambda: len(heir.events("tick")) > seen, "no tick")
            tick = heir.events("tick")[seen]
            assert (tick["workers"], tick["idle"], tick["launching"]) == (1, 1, 0)
            assert tick["epoch"] == 2
            # The lock on the folder shows that the former one is dead: its lease need not run out.
            assert at(tick) - began < 30
            assert heir.events("ledger restored")[0]["past"] > 0
            ticks_more(heir)
            assert heir.events("worker is ended") == []
            assert heir.stop() == 0


def command(endpoints: Endpoints, folder: Path, *arguments: str) -> subprocess.CompletedProcess:
    return subprocess.run(
        [sys.executable, "-P", "-m", "cli.main", *arguments],
        cwd=folder,
        env={
            **os.environ,
            **endpoints.environment,
            "CLASSIFYCLOUD_BUCKET": endpoints.deployment,
            "PYTHONPATH": str(ROOT),
            "COLUMNS": "200",
        },
        capture_output=True,
        text=True,
        timeout=60,
    )


def test_an_operator_scales_pauses_and_asks_why(endpoints, tmp_path) -> None:
    with dry(endpoints, tmp_path, min_workers=2, max_workers=2) as running:
        until(lambda: running.events("would launch"), "it launched nobody")
        first = running.events("tick")[-1]["tick"]
        shown = command(endpoints, tmp_path, "scale", "--min", "0", "--max", "7")
        assert "at least 0, at most 7" in shown.stdout, shown.stderr
        until(lambda: running.events("operator's limits"), "not obeyed")
        more = ticks_more(running, 4)
        assert more[-1]["desired"] == 0
        refused = command(endpoints, tmp_path, "scale", "--min", "9")
        assert refused.returncode == 2
        assert "9" in refused.stderr
        command(endpoints, tmp_path, "scale", "--min", "1", "--pause")
        until(lambda: "paused" in running.events("tick")[-1]["why"], "not paused")
        asked = len(running.events("would launch"))
        ticks_more(running, 4)
        assert len(running.events("would launch")) == asked
        held = json.loads(command(endpoints, tmp_path, "scale", "--json").stdout)
        assert held["operator"] == {"min_workers": 1, "max_workers": 7, "paused": True}
        assert (held["holds"]["paused"], held["epoch"]) == (True, 1)
        command(endpoints, tmp_path, "scale", "--reset")
        until(lambda: running.events("tick")[-1]["desired"] == 2, "not reset")
        assert running.stop() == 0
        told = command(endpoints, tmp_path, "explain", "--last", "10m", "--json")
        records = [json.loads(line) for line in told.stdout.splitlines()]
        # Stopped in order, it has left nothing out.
        assert [each["tick"] for each in records] == [t["tick"] for t in running.events("tick")]
        assert first in [each["tick"] for each in records]
        assert {"keda", "cortex"} <= set(records[0]["others"])
        assert "quiet ticks" in command(endpoints, tmp_path, "explain").stdout
