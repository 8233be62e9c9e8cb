"""Every template, as far as linters see."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.integration.deploy.made import TEMPLATES
from tests.servers import ROOT

pytestmark = pytest.mark.timeout(600)


def test_templates_are_clean() -> None:
    linter = Path(sys.executable).with_name("cfn-lint")
    files = sorted(TEMPLATES.glob("*.yaml"))
    found = subprocess.run([linter, *files], capture_output=True, text=True)
    assert found.returncode == 0, found.stdout


def test_templates_are_safe_or_say_why_not() -> None:
    """Every check of checkov passes, or is skipped beside the resource with a reason."""
    checkov = _checkov()
    if checkov is None:
        pytest.skip("checkov is not installed: `make checkov` (its own environment, it pins boto3)")
    found = subprocess.run(
        [checkov, "--directory", TEMPLATES, "--framework", "cloudformation", "--quiet"]
        + ["--compact", "--skip-download"],
        capture_output=True,
        text=True,
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": ""},
    )
    assert found.returncode == 0, found.stdout
    assert "Failed checks: 0" in found.stdout


def test_a_check_is_skipped_with_a_reason_only(resources_of) -> None:
    parts = [path.stem for path in TEMPLATES.glob("*.yaml")]
    skips = [
        skip
        for part in parts
        for each in resources_of(part).values()
        for skip in each.get("Metadata", {}).get("checkov", {}).get("skip", ())
    ]
    assert skips
    assert all(len(skip["comment"]) > 15 for skip in skips)


def _checkov() -> str | None:
    own = ROOT / ".venv-checkov" / "bin" / "checkov"
    return str(own) if own.exists() else shutil.which("checkov")
