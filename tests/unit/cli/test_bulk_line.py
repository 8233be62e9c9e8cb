"""What `classifycloud bulk` says of a job, and whose ids it refuses."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from classifycloud.client import Client, Interrupted, Job
from cli.bulk import told
from cli.main import app

RUNNING = Job(uuid="bulk-1", status="running", rows=2000, done=1500, failed=3, rate=50, estimate=10)
SINGLE = "7d0c9f0e-6a0e-4c4e-9d0e-0d8b6f7b1c11"


@pytest.mark.parametrize("uuid", [SINGLE, f"bulk-{32 * 'a'}-7"])
def test_one_pictures_job_is_refused_by_name(uuid, monkeypatch):
    monkeypatch.setattr(Client, "job", lambda _, uuid: Job(uuid=uuid, status="queued"))
    done = CliRunner().invoke(app, ["bulk", "--id", uuid])
    assert done.exit_code == 2
    assert f"{uuid} is one picture's job" in done.output


def test_a_bulk_job_ends_with_its_line_once_its_results_are_there(monkeypatch):
    monkeypatch.setattr("cli.bulk_work.AGAIN", 0.0)
    ended = RUNNING.model_copy(update={"status": "succeeded", "done": 2000})
    waiting = [RUNNING, ended, ended.model_copy(update={"results": ("jsonl",)})]

    def events(*_, **__):
        """The service is restarted once on the way."""
        yield waiting.pop(0)
        if waiting[1:]:
            raise Interrupted("It has gone.")
        yield waiting.pop(0)

    monkeypatch.setattr(Client, "events", events)
    done = CliRunner().invoke(app, ["bulk", "--id", f"bulk-{32 * 'a'}", "--wait"])
    assert (done.exit_code, waiting) == (0, [])
    assert "bulk-1 succeeded: 2,000 of 2,000 pictures, 3 failed" in done.output


def test_the_line_says_how_long_it_still_takes():
    assert told(RUNNING, Path("a.jsonl")) == (
        "bulk-1 running: 1,500 of 2,000 pictures, 3 failed, 50 a second, about 10 s to go\na.jsonl"
    )
