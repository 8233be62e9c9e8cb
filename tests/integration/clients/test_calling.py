"""docs/operations.md: the service called from a shell, Python and R, as the page shows it."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.servers import ROOT
from tests.service import Origin, Service

PAGE = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
CALLING = PAGE.partition("## Calling it from")[2].partition("\n## ")[0]
SNIPPETS = dict(re.findall(r"^```(sh|python|r)\n(.*?)^```", CALLING, re.M | re.S))
SAID = {"sh": '"result":"tabby"', "python": "tabby", "r": "tabby"}


def command(language: str) -> list[str]:
    if language != "r":
        return {"sh": ["bash", "-euo", "pipefail"], "python": [sys.executable, "-P"]}[language]
    if shutil.which("Rscript") is None:
        pytest.skip("there is no R: apt-get install r-base-core r-cran-jsonlite")
    has = subprocess.run(["Rscript", "-e", "library(jsonlite)"], capture_output=True)
    if has.returncode:
        pytest.skip("R has no jsonlite: apt-get install r-cran-jsonlite")
    return ["Rscript", "--vanilla"]


@pytest.mark.parametrize("language", SAID)
def test_what_the_page_shows_runs(
    language: str, running: Service, origin: Origin, tmp_path: Path
) -> None:
    words, picture = command(language), origin.url("chelsea.jpg")
    script = tmp_path / "script"
    script.write_text(SNIPPETS[language].replace("https://example.com/cat.jpg", picture))
    told = {"CLASSIFYCLOUD_URL": running.url, "PICTURE": picture, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [*words, str(script)],
        cwd=tmp_path,
        env=os.environ | told,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    assert SAID[language] in done.stdout
