"""What importing the client brings along."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]


def test_it_brings_httpx_and_pydantic_and_nothing_heavy() -> None:
    code = "import sys, classifycloud.client; print(*sys.modules, sep='\\n')"
    run = subprocess.run(
        [sys.executable, "-P", "-c", code], cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True
    )
    names = set(run.stdout.split())
    heavy = {"numpy", "boto3", "botocore", "fastapi", "typer", "openvino", "classifier", "api"}
    assert {"httpx", "pydantic", "classifycloud.client"} <= names
    assert not names & heavy
