"""What each process imports before its first word: by names, for times depend on the machine.

docs/decisions/0021-starting.md has what each of these takes.
"""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
NEVER = {"tensorflow", "keras", "rich", "structlog", "boto3", "s3transfer", "pydantic_settings"}
NETWORKS = {"numpy", "openvino", "PIL"}
AWS = {"botocore", "urllib3"}
WEB = {"fastapi", "starlette", "uvicorn"}


def imported(module: str) -> set[str]:
    """Top-level packages, and modules of ours, that come with it in a fresh interpreter."""
    code = f"import sys, {module}; print(*sys.modules, sep='\\n')"
    run = subprocess.run(
        [sys.executable, "-P", "-c", code], cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True
    )
    names = run.stdout.split()
    return {name.partition(".")[0] for name in names} | set(names)


@pytest.mark.parametrize(
    ("module", "unwanted"),
    [
        # Until the model has begun to load, until the front end listens, until the first worker is launched.
        ("worker.__main__", NETWORKS | AWS | WEB | {"httpcore2"}),
        ("api.__main__", NETWORKS | AWS | WEB),
        ("balancer.__main__", NETWORKS | AWS | WEB),
        # For good.
        ("worker.assembly", WEB | {"openvino", "PIL", "worker.ec2", "worker.imds"}),
        ("api.serving", NETWORKS),
        ("balancer.service", NETWORKS | WEB),
        ("local.sqs.__main__", NETWORKS | AWS),
        ("local.samples.__main__", NETWORKS | AWS),
    ],
)
def test_a_process_does_without(module: str, unwanted: set[str]) -> None:
    assert imported(module) & (NEVER | unwanted) == set()


def test_the_engine_does_without_the_converters_of_models() -> None:
    found = imported("classifier.engines.openvino")
    assert not {name for name in found if name.startswith("openvino.tools")}
