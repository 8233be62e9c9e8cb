"""The memory of every process, as its command measures it, for a few seconds."""

import json
import subprocess
import sys

import pytest

pytestmark = pytest.mark.acceptance


def test_every_process_of_a_service_is_weighed() -> None:
    command = [sys.executable, "-m", "bench.memory", "--minutes=0.1", "--rate=2"]
    command += ["--crowd=1", "--every=2", "--json"]
    ran = subprocess.run(command, capture_output=True, text=True, timeout=280)
    found = json.loads(ran.stdout)
    parts = {part["name"]: part for part in found["parts"]}
    assert set(parts) >= {"worker", "decoders", "front end", "balancer", "local endpoint"}
    assert all(part["end"] > 1 for part in parts.values())
    assert parts["worker"]["end"] >= parts["decoders"]["end"]
    assert found["requests"]["answered"] == found["requests"]["requests"] == 72
    limits = ("worker", "front end", "balancer", "local endpoint")
    assert not [name for name in limits if parts[name]["over"]], parts
