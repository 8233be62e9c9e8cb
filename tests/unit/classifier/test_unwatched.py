"""No process of ours sends usage statistics, or keeps a thread for them."""

import subprocess
import sys

import pytest

LOOK = (
    "import sys, threading\n"
    "found = [n for n, m in sys.modules.items() if 'telemetry' in n.split('.')[0] and m]\n"
    "print(found, threading.active_count())"
)


@pytest.mark.parametrize("imported", ["classifier.engines.openvino", "worker.__main__"])
def test_openvino_is_imported_without_telemetry(imported):
    code = f"import {imported}\n{LOOK}"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=120, check=True
    )
    assert done.stdout.strip() == "[] 1"


def test_the_package_would_be_found_without_us():
    done = subprocess.run(
        [sys.executable, "-c", f"import openvino\n{LOOK}"],
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    assert "openvino_telemetry" in done.stdout, "OpenVINO no longer needs classifier/unwatched.py"
