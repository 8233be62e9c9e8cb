"""Forty requests arrive while nobody works: all are answered, workers come, and go again."""

import json
import subprocess

import pytest

from tests.service import COMMAND, free_port, service, wait_until

pytestmark = pytest.mark.acceptance


# The default looks at the arrivals of a minute before it lets the last worker go.
@pytest.mark.parametrize(("policy", "patience"), [("criterion", 60), ("forecast", 150)])
def test_forty_at_once_from_zero_workers_and_back(tmp_path, photos, policy, patience):
    port = free_port()
    with service(
        tmp_path / "data",
        "--min-workers=0",
        "--max-workers=2",
        fetch_allow=f"127.0.0.1:{port}",
        policy=policy,
        kill_all_delay="6",
        scale_in_delay="6",
        tick="1",
    ) as started:
        started.wait_ready()
        assert started.pids("worker") == []
        test = subprocess.Popen(
            [str(COMMAND), "loadtest", "--json", f"--url={started.url}", "--requests=40"]
            + [f"--photos={photos[0].parent}", "--concurrency=40", f"--photo-port={port}"],
            stdout=subprocess.PIPE,
            text=True,
        )
        wait_until(lambda: started.pids("worker"), 30, "no worker came")
        out, _ = test.communicate(timeout=150)
        report = json.loads(out)
        assert test.returncode == 0, report
        assert report["answered"] == 40
        assert len(started.pids("worker")) <= 2
        wait_until(lambda: not started.pids("worker"), patience, "the workers stayed")
        assert started.depth("requests") == 0
        wait_until(lambda: len({r["uuid"] for r in started.records()}) == 40, 5, "records missing")
