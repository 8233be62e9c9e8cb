"""`python -m balancer` with real workers over real local endpoints, and real signals."""

import json
import os
import re
import signal
import subprocess
import sys
import urllib.request
import uuid
from collections.abc import Iterator

import pytest

from tests.integration.balancing import Endpoints, balancer, is_alive, until
from tests.servers import free_port, sqs, storage
from wire.messages import Answer, Job, Report

JOBS = 3000  # seconds of work for one worker, though each is refused at once


@pytest.fixture(scope="module")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Endpoints]:
    folder = tmp_path_factory.mktemp("servers")
    with sqs(folder / "sqs") as queue, storage(folder / "storage") as store:
        yield Endpoints(queue, store)


@pytest.fixture
def endpoints(servers: Endpoints) -> Endpoints:
    servers.deployment = f"test-{uuid.uuid4().hex[:12]}"
    return servers


def scraped(port: int) -> str:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics") as answer:
        return answer.read().decode()


def shown_workers(port: int) -> float:
    """Of every state together."""
    gauge = r"^classifycloud_balancer_workers_(?:launching|busy|idle) ([0-9.]+)$"
    return sum(map(float, re.findall(gauge, scraped(port), re.MULTILINE)))


def job(number: int, reply_to: str) -> str:
    """A job that a worker answers at once: its address may not be fetched."""
    return Job(uuid=f"j{number}", image_url="http://127.0.0.1:1/cat", reply_to=reply_to).encode()


def test_from_zero_workers_to_the_greatest_number_and_back(endpoints, tmp_path) -> None:
    endpoints.make("responses-test")
    reply_to = endpoints.name("responses-test")
    with balancer(endpoints, tmp_path, max_workers=2) as running:
        until(lambda: running.events("tick"), "no tick")
        assert running.workers() == []
        # Enough to outlast the first worker's boot: the second may begin to boot only then.
        endpoints.send("requests", *(job(number, reply_to) for number in range(JOBS)))
        until(lambda: len(running.workers()) == 2, "two workers did not come")
        until(lambda: endpoints.depth("responses-test") == JOBS, "not all were answered")
        until(lambda: running.workers() == [], "the workers stayed")
        until(lambda: len(running.events("worker left")) == 2, "nobody took leave")
        ticks = running.events("tick")
        assert sum(tick["launch"] for tick in ticks) == 2
        assert sum(tick["terminate"] for tick in ticks) >= 2
        assert max(tick["workers"] for tick in ticks) <= 2
        assert running.events("worker died") == []
        assert running.stop() == 0


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_no_process_outlives_a_balancer_that_is_told_to_stop(endpoints, tmp_path, number) -> None:
    port = free_port()
    with balancer(endpoints, tmp_path, min_workers=2, metrics_port=port) as running:
        pids = until(lambda: len(running.workers()) == 2 and running.workers(), "no workers")
        until(lambda: running.events("tick"), "no tick")
        # Either may be ready before the first tick; and a tick is logged before it is shown.
        until(lambda: shown_workers(port) == 2, "two workers are not shown")
        assert running.stop(number) == 0
        assert [pid for pid in pids if is_alive(pid)] == []
        assert list((tmp_path / "fleet").glob("*.json")) == []
        put = endpoints.metrics()
        assert {"QueueDepth", "Workers", "Launches"} <= put


def test_workers_of_a_killed_balancer_work_on_and_are_adopted(endpoints, tmp_path) -> None:
    with balancer(endpoints, tmp_path, min_workers=1) as first:
        [pid] = until(first.workers, "no worker")
        first.process.kill()
        first.process.wait()
        assert is_alive(pid)
        with balancer(endpoints, tmp_path, min_workers=1) as heir:
            until(lambda: heir.events("workers adopted"), "not adopted")
            seen = len(heir.events("tick"))
            until(lambda: len(heir.events("tick")) > seen + 3, "no ticks")
            assert heir.workers() == [pid]
            assert heir.stop() == 0
            assert not is_alive(pid)


def test_a_killed_worker_is_replaced_and_said_so(endpoints, tmp_path) -> None:
    with balancer(endpoints, tmp_path, min_workers=1) as running:
        [pid] = until(running.workers, "no worker")
        until(lambda: any(tick["idle"] for tick in running.events("tick")), "never ready")
        os.kill(pid, signal.SIGKILL)
        until(lambda: running.workers() not in ([], [pid]), "not replaced")
        assert len(running.events("worker died")) == 1
        assert running.stop() == 0


def test_an_outage_of_the_queue_costs_ticks_and_nothing_else(endpoints, tmp_path) -> None:
    with balancer(endpoints, tmp_path, min_workers=1) as running:
        [pid] = until(running.workers, "no worker")
        until(lambda: running.events("tick"), "no tick")
        endpoints.queue.kill()
        skipped = "tick skipped: the queues cannot be reached"
        until(lambda: len(running.events(skipped)) >= 2, "the outage was not noticed")
        seen = len(running.events("tick"))
        endpoints.queue.restart()
        until(lambda: len(running.events("tick")) > seen + 2, "it did not come back")
        assert running.workers() == [pid]
        assert running.stop() == 0


def test_a_balancer_waits_for_queues_that_are_not_there_yet(endpoints, tmp_path) -> None:
    endpoints.queue.kill()
    with balancer(endpoints, tmp_path, min_workers=1) as running:
        until(lambda: running.events("waiting for the queues"), "it did not say so")
        [pid] = until(running.workers, "the first worker waited for the queues")
        endpoints.queue.restart()
        until(lambda: running.events("tick"), "no tick")
        assert running.workers() == [pid]
        assert running.stop() == 0


def test_an_endpoint_that_hangs_does_not_keep_a_balancer_that_is_told_to_stop(
    endpoints, tmp_path
) -> None:
    # The last figures are put on the way out; boto3 would wait 90 s for them, stop() waits 60 s.
    with balancer(endpoints, tmp_path, min_workers=1) as running:
        [pid] = until(running.workers, "no worker")
        until(lambda: running.events("tick"), "no tick")
        endpoints.store.process.send_signal(signal.SIGSTOP)
        try:
            assert running.stop() == 0
        finally:
            endpoints.store.process.send_signal(signal.SIGCONT)
        assert len(running.events("calls to AWS abandoned: they were not answered")) == 1
        assert not is_alive(pid)
        assert list((tmp_path / "fleet").glob("*.json")) == []


def test_the_first_workers_do_not_wait_for_boto3() -> None:
    loaded = "import sys, balancer.__main__; print({'boto3', 'botocore'} & sys.modules.keys())"
    done = subprocess.run([sys.executable, "-c", loaded], capture_output=True, text=True)
    assert done.stdout.strip() == "set()"


def test_a_dead_replica_leaves_neither_queue_nor_answer_behind(endpoints, tmp_path) -> None:
    for replica in ("killed", "stopped"):
        endpoints.make(f"responses-{replica}")
        late = Answer(uuid=f"late-{replica}", image_url="http://x/", result="cat").encode()
        endpoints.send(f"responses-{replica}", late)
    endpoints.make("reports")
    gone = Report(sender="stopped", kind="api", state="stopped")
    endpoints.send("reports", gone.encode())
    with balancer(endpoints, tmp_path, reap_after=4, heartbeat=1) as running:
        until(lambda: running.events("late answers kept"), "no answer was kept")
        assert running.events("late answers kept")[0]["replica"] == "stopped"
        until(lambda: endpoints.queues() == [], "the queues stayed")
        for replica in ("killed", "stopped"):
            kept = endpoints.s3.get_object(
                Bucket=endpoints.deployment, Key=f"results/late-{replica}.json"
            )
            assert json.loads(kept["Body"].read())["result"] == "cat"
        assert running.stop() == 0


def test_a_dry_run_starts_nobody(endpoints, tmp_path) -> None:
    with balancer(endpoints, tmp_path, fleet="dry-run", min_workers=1) as running:
        until(lambda: running.events("would launch"), "it did not say so")
        assert running.stop() == 0
    assert not (tmp_path / "fleet").exists()


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"policy": "nonsense"}, "criterion"),
        ({"min_workers": 3, "max_workers": 2}, "min_workers=3 is above max_workers=2"),
        ({"tick": 0}, "CLASSIFYCLOUD_TICK"),
        ({"metrics_port": "taken"}, "CLASSIFYCLOUD_METRICS_PORT"),
    ],
)
def test_settings_that_cannot_be_used_are_named(endpoints, tmp_path, settings, says) -> None:
    with balancer(endpoints, tmp_path, **settings) as running:
        assert running.process.wait(30) != 0
        assert says in running.text()
        assert "Traceback" not in running.text()


def test_a_port_that_is_taken_is_named(endpoints, tmp_path) -> None:
    taken = endpoints.queue.url.rsplit(":", 1)[-1]
    with balancer(endpoints, tmp_path, metrics_port=taken) as running:
        assert running.process.wait(30) != 0
        assert f"CLASSIFYCLOUD_METRICS_PORT={taken}" in running.text()
        assert "Traceback" not in running.text()
