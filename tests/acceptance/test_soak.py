"""The short form of `make soak`: real processes, killed, restarted, failing; nothing lost, nothing twice."""

import json
import subprocess
import sys

import pytest

from tests.servers import ROOT

pytestmark = [pytest.mark.acceptance, pytest.mark.timeout(900)]

# Few jobs meet few faults: a run so short cannot count on every kind of them.
SURE = ("sqs lost", "sqs duplicate", "sqs partial", "sqs throttle", "sqs reorder", "s3 throttle")


def test_nothing_is_lost_and_nothing_is_answered_twice(tmp_path) -> None:
    command = [sys.executable, "-m", "bench.soak", "--jobs", "400", "--at-once", "48"]
    command += ["--every", "5", "--keep", str(tmp_path / "soak"), "--json"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=850)
    found = json.loads(done.stdout)
    books = found["books"]
    for name in ("lost", "wrong", "doubled", "unrecorded", "contradicted"):
        assert books[name] == [], f"{name}: {done.stdout}"
    assert found["left"] == {}
    assert found["strays"] == 0
    least, most = found["bounds"]
    assert least <= found["workers"] <= found["most_workers"] <= most
    assert found["kills"] > 0
    assert found["restarts"] == 2
    assert all(found["faults"][name] for name in SURE), found["faults"]
