"""The engine's runtime without its package, with it later, and with it at once where it cannot do without."""

import os
import subprocess
import sys

import pytest

PACKAGE = "from openvino._pyopenvino import Core as rest\n"
RUNTIME = "Core = 'a core'\n"
NEEDY = "import sys\nif 'openvino' not in sys.modules:\n    raise ImportError('libopenvino.so')\n"
SCRIPT = """
import sys
from classifier.engines.runtime import runtime
print("openvino" in sys.modules)
import openvino
print(openvino._pyopenvino is runtime, openvino.rest)
"""


@pytest.mark.parametrize(("runtime", "whole"), [(RUNTIME, False), (NEEDY + RUNTIME, True)])
def test_the_package_is_loaded_where_it_has_to_be_and_knows_its_runtime(tmp_path, runtime, whole):
    (tmp_path / "openvino").mkdir()
    (tmp_path / "openvino" / "__init__.py").write_text(PACKAGE)
    (tmp_path / "openvino" / "_pyopenvino.py").write_text(runtime)
    ran = subprocess.run(
        [sys.executable, "-c", SCRIPT],
        env=os.environ | {"PYTHONPATH": os.pathsep.join((str(tmp_path), os.curdir))},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ran.stderr == ""
    assert ran.stdout.splitlines() == [str(whole), "True a core"]
