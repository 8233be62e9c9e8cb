"""`classifycloud dlq` against real queues, a real store and a real worker."""

import json
import os
import subprocess
import sys
from pathlib import Path

from wire.messages import Answer, ErrorBody, Job
from wire.names import result_key

COMMAND = Path(sys.executable).with_name("classifycloud")


def dlq(bench, *arguments: str, status: int = 0) -> str:
    """What the command prints; its output is checked for the status."""
    name = bench.names.deployment
    done = subprocess.run(
        [str(COMMAND), "dlq", *arguments],
        cwd=bench.folder,
        env={**os.environ, "CLASSIFYCLOUD_DEPLOYMENT": name, "CLASSIFYCLOUD_BUCKET": name},
        capture_output=True,
        text=True,
        timeout=120,
        stdin=subprocess.DEVNULL,
    )
    assert done.returncode == status, done.stdout + done.stderr
    return done.stdout + done.stderr


async def test_a_redriven_job_is_answered_though_nobody_waits_any_more(bench):
    await bench.open()
    assert "is empty" in dlq(bench, "list")
    job = Job(
        uuid="poison", image_url=bench.origin.url("coffee.jpg"),
        reply_to=bench.names.responses("gone"),
    )  # fmt: skip
    await bench.shared.dead_letter.send_many([job.encode(), "no job"])
    crashed = Answer(
        uuid="poison", image_url=job.image_url, error=ErrorBody(code="worker_crashed", message=".")
    )
    await bench.store.put(result_key("poison"), crashed.encode().encode())

    rows = {row["kind"]: row for row in json.loads(dlq(bench, "list", "--json"))["messages"]}
    assert rows["poison job"]["id"] == "poison"
    assert "error worker_crashed" in dlq(bench, "show", "poison")
    assert "no job" in dlq(bench, "show", rows["undecodable"]["message"])
    assert "would be sent" in dlq(bench, "redrive", "--all", "--dry-run")
    assert "/jobs/ID" in dlq(bench, "redrive", "poison")
    assert "No message of this id" in dlq(bench, "redrive", "poison", status=1)

    worker = bench.start()
    await bench.reported("ready")
    await bench.until_empty()
    kept = Answer.decode(await bench.store.get(result_key("poison")))
    assert kept.error is None
    assert kept.result == (await bench.recorded())["poison"]["result"]

    left = "1 left where they are"
    assert left in dlq(bench, "redrive", "--all")
    assert "Nothing was removed" in dlq(bench, "purge", "--all", status=1)
    assert left in dlq(bench, "redrive", "--all")
    assert "1 message removed" in dlq(bench, "purge", "--all", "--yes")
    assert "is empty" in dlq(bench, "list")
    assert worker.poll() is None


async def test_a_deployment_that_is_not_there_and_an_endpoint_that_is_not(bench, monkeypatch):
    assert "no dead-letter queue" in dlq(bench, "list", status=1)
    monkeypatch.setenv("AWS_ENDPOINT_URL_SQS", "http://127.0.0.1:9")
    assert "cannot be reached" in dlq(bench, "list", status=1)
