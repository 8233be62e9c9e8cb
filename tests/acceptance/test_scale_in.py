"""Workers are sent away, busy and idle ones, by the real balancer: no job is handed out again."""

import json
import subprocess
import sys

import pytest

# A minute on a free machine; launches are all CPU, and a busy one has little to spare.
pytestmark = [pytest.mark.acceptance, pytest.mark.timeout(600)]


def test_no_scale_in_costs_a_redelivery_and_a_kill_does(tmp_path):
    run = subprocess.run(
        [sys.executable, "-m", "bench.scale_in", "--json", "--scale-ins=8", "--workers=4"]
        + ["--visibility=8", "--patience=400", f"--keep={tmp_path / 'data'}"],
        stdout=subprocess.PIPE,
        text=True,
        timeout=580,
    )
    found = json.loads(run.stdout)
    assert found["scale_ins"] >= 8
    assert found["scaled"]["busy"] >= 1, "nobody was sent away at work: nothing was tested"
    assert found["scaled"]["failed"] == 0
    assert set(found["codes"]) == {"200"}
    assert [found[name] for name in ("redelivered", "fetched_again", "missing", "doubled")] == [
        0
    ] * 4
    assert found["control"] > 0, "a killed worker's jobs came again unseen"
    assert run.returncode == 0
