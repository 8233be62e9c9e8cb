"""OpenVINO without its usage statistics: import this before `openvino`.

Importing openvino imports openvino_telemetry, which sends what is used to Google Analytics unless the
user has said no to it, and keeps a thread for that in every worker. Without that package OpenVINO
falls back on a stub of its own; the module table has to say that it is absent before anybody looks.
"""

import sys

sys.modules["openvino_telemetry"] = None  # type: ignore[assignment]
