"""One machine that asks for keys: what it prints works, and without a key nothing does."""

import os
import subprocess

import pytest

from local.samples import FIRST, FOLDER
from tests.servers import ROOT
from tests.service import COMMAND, service, wait_until


def command(*arguments: str, **settings: str) -> "subprocess.CompletedProcess[str]":
    given = {f"CLASSIFYCLOUD_{name.upper()}": value for name, value in settings.items()}
    return subprocess.run(
        [str(COMMAND), *arguments],
        capture_output=True,
        text=True,
        timeout=120,
        env={**os.environ, **given},
    )


@pytest.mark.acceptance
def test_a_service_that_asks_for_keys_says_how_to_get_one(tmp_path) -> None:
    with service(tmp_path / "data", access="keys") as running:
        running.wait_ready(workers=1)
        wait_until(lambda: "Ctrl-C stops it" in running.printed(), 60, "the welcome")
        printed = running.printed()
        (line,) = [line.strip() for line in printed.splitlines() if "keys add" in line]
        assert "Only holders of a key" in printed
        asked = ("classify", "--url", running.url, str(FOLDER / FIRST))
        refused = command(*asked)
        assert refused.returncode == 1
        assert "CLASSIFYCLOUD_KEY" in refused.stderr
        shell = ["bash", "-c", f"{line}\necho $KEY"]  # as it was printed
        made = subprocess.run(shell, cwd=ROOT, capture_output=True, text=True, timeout=120)
        key = made.stdout.strip()
        wait_until(lambda: command(*asked, key=key).returncode == 0, 60, made.stderr)
