"""The short form of `python -m bench.bulk`: each part is killed once, and every row has its line, once."""

import json
import subprocess
import sys

import pytest

from local.up.leftovers import end, leftovers
from local.up.notes import Notes
from tests.servers import ROOT

pytestmark = [pytest.mark.acceptance, pytest.mark.timeout(600)]

LIMIT = 480  # seconds; on a free machine it takes half a minute
PARTS = {"worker": 1, "api": 1, "sqs": 1, "storage": 1, "balancer": 1}


def test_a_bulk_job_survives_a_kill_of_each_part(tmp_path) -> None:
    options = ["--rows", "400", "--rounds", "1", "--keep", str(tmp_path / "bulk"), "--json"]
    command = [sys.executable, "-m", "bench.bulk", *options]
    data = (tmp_path / "bulk" / "data").resolve()
    try:
        ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=LIMIT)
    finally:
        end(leftovers(data, Notes(data / "run")))
    assert ran.stdout, ran.stderr
    found = json.loads(ran.stdout)
    assert (found["lines"], found["in_order"], found["status"]) == (400, True, "succeeded")
    assert {name: found[name] for name in ("doubled", "missing", "wrong")} == {
        name: [] for name in ("doubled", "missing", "wrong")
    }
    assert found["kills"] == PARTS
    assert found["left"] == {}
    assert found["recorded"] == 400
    assert found["table_rows"] == 400
    assert ran.returncode == 0, ran.stderr
