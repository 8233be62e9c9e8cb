"""docs/client.md: what it shows is run as it stands there, against a service and pictures that are here."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from local.samples import FOLDER
from tests.servers import ROOT
from tests.service import Origin, Service

PAGE = (ROOT / "docs" / "client.md").read_text(encoding="utf-8")
SNIPPETS = re.findall(r"^```(python|sh)\n(.*?)^```", PAGE, re.M | re.S)
SHELLS = {"python": [sys.executable, "-P"], "sh": ["bash", "-euo", "pipefail"]}


@pytest.mark.parametrize(("language", "text"), SNIPPETS)
def test_what_the_page_shows_runs(
    language: str, text: str, running: Service, origin: Origin, tmp_path: Path
) -> None:
    shutil.copy(FOLDER / "chelsea.jpg", tmp_path / "cat.jpg")
    text = text.replace("https://example.com/cat.jpg", origin.url("chelsea.jpg"))
    script = tmp_path / "script"
    script.write_text(text.replace("http://127.0.0.1:8000", running.url))
    done = subprocess.run(
        [*SHELLS[language], str(script)],
        cwd=tmp_path,
        env={**os.environ, "CLASSIFYCLOUD_URL": running.url, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() or "-o " in text
