"""Every template, as far as a linter sees."""

import subprocess
import sys
from pathlib import Path

import pytest

TEMPLATES = sorted((Path(__file__).resolve().parents[3] / "deploy" / "templates").glob("*.yaml"))


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.stem)
def test_a_template_is_clean(template) -> None:
    linter = Path(sys.executable).with_name("cfn-lint")
    found = subprocess.run([linter, template], capture_output=True, text=True)
    assert found.returncode == 0, found.stdout
