"""The command itself, called where a user may be: beside other code, with the port taken."""

import json
import os
import re
import signal
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from tests.service import COMMAND, free_port, wait_until

ROOMS = ("api", "balancer", "classifier", "local", "wire", "worker")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A folder with packages named like ours, each of which ends at once."""
    folder = tmp_path / "my project"
    for room in ROOMS:
        (folder / room).mkdir(parents=True)
        for file in ("__init__.py", "__main__.py"):
            (folder / room / file).write_text(f"raise SystemExit('somebody else’s {room}')\n")
    return folder


@pytest.fixture
def up(project: Path) -> Iterator[tuple[subprocess.Popen[bytes], Path]]:
    """The service started in that folder, and what it prints."""
    output = project / "printed.txt"
    with output.open("wb") as file:
        process = subprocess.Popen(
            [COMMAND, "up", "--port", str(free_port())],
            cwd=project,
            stdout=file,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    yield process, output
    process.send_signal(signal.SIGINT)
    try:
        assert process.wait(60) == 0
    finally:
        for left in _family(project / ".classifycloud"):
            left.kill()


def test_it_runs_its_own_code_and_the_printed_curl_works_in_any_folder(
    up: tuple[subprocess.Popen[bytes], Path],
) -> None:
    process, output = up
    wait_until(
        lambda: process.poll() is None and "Ctrl-C stops it" in output.read_text(),
        60,
        output.read_text(),
    )
    line = re.search(r"^\s*(curl -F .*)$", output.read_text(), re.M)
    assert line, output.read_text()
    done = subprocess.run(
        ["bash", "-c", f"{line[1]} --silent --show-error"],
        cwd=output.parent,
        capture_output=True,
        text=True,
        timeout=90,
    )
    assert json.loads(done.stdout)["result"], done
    assert "somebody else" not in output.read_text()
    assert "died" not in output.read_text()


def test_a_port_that_is_taken_is_said_before_anything_starts(tmp_path: Path) -> None:
    data = tmp_path / "data"
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = subprocess.run(
            [COMMAND, "up", "--port", str(port), "--data", str(data)],
            capture_output=True,
            text=True,
            timeout=30,
        )
    assert done.returncode == 1
    assert done.stderr.startswith(f"Error: Port {port} of 127.0.0.1 is in use.")
    assert "Traceback" not in done.stderr
    assert done.stdout == ""
    assert list((data / "logs").iterdir()) == []
    assert list((data / "run").iterdir()) == []
    assert _family(data) == []


def test_a_model_that_is_not_there_is_said_before_anything_starts(tmp_path: Path) -> None:
    data = tmp_path / "data"
    done = subprocess.run(
        [COMMAND, "up", "--port", "0", "--data", str(data), "--model", "foo"],
        capture_output=True,
        text=True,
        timeout=30,
    )
    assert done.returncode == 1
    assert done.stderr.startswith("Error: no model 'foo'; there are: tiny-inception 1")
    assert _family(data) == []


def _family(data: Path) -> list[psutil.Process]:
    found = []
    for process in psutil.process_iter(["environ"]):
        environment = process.info["environ"] or {}
        if environment.get("CLASSIFYCLOUD_UP") == os.path.realpath(data):
            found.append(process)
    return found
