"""A worker's engine loads without OpenVINO's front ends, which may come later all the same."""

import subprocess
import sys

SCRIPT = """
import sys
from classifier.catalog import Catalog
from classifier.engines.openvino import OpenVinoEngine
engine = OpenVinoEngine.load(Catalog().find(), threads=2)
print(sorted(each for each in ("openvino", "openvino_telemetry", "tensorflow", "keras", "PIL")
             if sys.modules.get(each)))
import numpy as np
picture = np.full((1, 64, 64, 3), 90, np.uint8)
before = engine.predict(picture)
import openvino
core = openvino.Core()
core.compile_model(core.read_model(Catalog().find().network), "CPU")
print(np.array_equal(engine.predict(picture), before))
"""


def test_only_the_runtime_is_loaded_and_the_rest_can_follow():
    ran = subprocess.run(
        [sys.executable, "-c", SCRIPT], capture_output=True, text=True, timeout=120, check=False
    )
    assert ran.stderr == ""
    assert ran.stdout.splitlines() == ["[]", "True"]
