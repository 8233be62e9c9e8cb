"""Logs on their way: a journal that is said line by line, and moto's CloudWatch Logs."""

import json
import os
import signal
import subprocess
import sys
import time

import boto3
import pytest

from tests.servers import ROOT, moto_server
from tests.service import wait_until

GROUP, INSTANCE = "/classifycloud/demo", "i-1"
# journald itself runs on whole machines only; this says what it says.
JOURNALCTL = """#!/bin/sh
echo "$@" >> "$TOLD"
case "$*" in *--after-cursor*) cat "$SAID.later" ;; *) cat "$SAID" ;; esac
exec sleep 300
"""


def entry(number: int, process: str = "worker") -> str:
    return json.dumps(
        {
            "_SYSTEMD_UNIT": f"classifycloud-{process}.service",
            "__REALTIME_TIMESTAMP": str(int(time.time() * 1e6) + number),
            "__CURSOR": f"cursor-{number}",
            "MESSAGE": f"line {number}",
        }
    )


@pytest.fixture(scope="module")
def aws():
    with moto_server() as url:
        yield url


@pytest.fixture
def client(aws):
    found = boto3.Session("test", "test", region_name="us-east-1").client("logs", endpoint_url=aws)
    found.create_log_group(logGroupName=GROUP)
    yield found
    found.delete_log_group(logGroupName=GROUP)


def ship(folder, aws: str) -> "subprocess.Popen[bytes]":
    (folder / "journalctl").write_text(JOURNALCTL)
    (folder / "journalctl").chmod(0o755)
    variables = {
        "PATH": f"{folder}:{os.environ['PATH']}",
        "PYTHONPATH": str(ROOT),
        "TOLD": str(folder / "told"),
        "SAID": str(folder / "said"),
        "LOG_GROUP": GROUP,
        "REGION": "us-east-1",
        "INSTANCE": INSTANCE,
        "RUNTIME_DIRECTORY": str(folder),
        "AWS_ENDPOINT_URL": aws,
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
    }
    command = [sys.executable, "-P", "-m", "ami.logs", "--every", "0.2"]
    return subprocess.Popen(command, cwd=folder, env=variables)


def found(client, process: str) -> list[str]:
    streams = client.describe_log_streams(logGroupName=GROUP)["logStreams"]
    if f"{process}/{INSTANCE}" not in {each["logStreamName"] for each in streams}:
        return []
    name = {"logGroupName": GROUP, "logStreamName": f"{process}/{INSTANCE}"}
    return [each["message"] for each in client.get_log_events(**name)["events"]]


def test_lines_arrive_once_and_a_start_anew_goes_on_behind_them(tmp_path, aws, client):
    said = [entry(1), entry(2, "logs"), "no JSON", entry(3), entry(4, "api")]
    (tmp_path / "said").write_text("\n".join(said) + "\n")
    (tmp_path / "said.later").write_text(entry(5) + "\n")
    first = ship(tmp_path, aws)
    try:
        wait_until(lambda: found(client, "worker") == ["line 1", "line 3"], 120, "worker's lines")
        wait_until(lambda: found(client, "api") == ["line 4"], 120, "the front end's line")
        first.send_signal(signal.SIGTERM)
        assert first.wait(60) == 0
        second = ship(tmp_path, aws)
        try:
            wait_until(lambda: "line 5" in found(client, "worker"), 120, "the line said meanwhile")
        finally:
            second.kill()
            second.wait()
    finally:
        first.kill()
        first.wait()
    assert found(client, "worker") == ["line 1", "line 3", "line 5"]
    assert "--after-cursor=cursor-" in (tmp_path / "told").read_text()
