"""`python -m local.storage --port 9325 --data DIR`: S3 and CloudWatch on 127.0.0.1.

MiniStack's application, served in this process. Objects are files under DIR, in place before their
PUT is answered, so they outlive a killed process; metrics live in memory, for six hours. Why
MiniStack, with figures: docs/decisions/0001-local-endpoint.md.
"""

import argparse
import logging
import os
import sys
from importlib import import_module
from pathlib import Path
from typing import cast

from local.counted import Counted
from local.endpoint import HOST, ASGIApp, Endpoint, bound, port_number
from local.faults.errors import FaultsUnusableError
from local.guard import LoopbackOnly

_METRICS_KEPT_S = 6 * 3600

log = logging.getLogger("local.storage")


def application(folder: Path, port: int) -> ASGIApp:
    """MiniStack with S3 and CloudWatch alone, its objects in `folder`.

    It reads its settings from the environment, once, when it is imported.
    """
    folder.mkdir(parents=True, exist_ok=True)
    os.environ.update(
        {
            "SERVICES": "s3,cloudwatch",
            "S3_PERSIST": "1",
            "S3_DATA_DIR": str(folder.resolve()),
            "BIND_HOST": HOST,
            "GATEWAY_PORT": str(port),
            "LOG_LEVEL": "WARNING",
        }
    )
    app = import_module("ministack.app").app
    # Otherwise loaded by the first request, which would then wait for the objects to be listed.
    import_module("ministack.services.s3")
    # Every call looks through every metric kept, so two weeks of them would take half a second.
    metrics = vars(import_module("ministack.services.cloudwatch"))
    metrics["TWO_WEEKS_SECONDS"] = _METRICS_KEPT_S
    return cast(ASGIApp, app)


def serve(port: int, folder: Path, faults: str | None = None) -> None:
    """Serve until SIGTERM or SIGINT; `faults`, for tests, as in `local.faults`.

    Raises OSError where the port is taken, FaultsUnusableError.
    """
    with bound(port) as listener:
        app = application(folder, listener.getsockname()[1])
        if faults is not None:
            from local.faults import rules, wiring

            app = wiring.faulty_s3(app, rules.read(faults))
        Endpoint(LoopbackOnly(Counted(app)), log, on_exit=lambda: None).serve_until_signal(listener)


def main() -> int:
    """0 after an orderly end, 1 with a reason on stderr where it cannot start."""
    parser = argparse.ArgumentParser(prog="python -m local.storage", description=__doc__)
    parser.add_argument("--port", type=port_number, default=9325, help="0 takes any free port")
    parser.add_argument("--data", type=Path, default=Path(".classifycloud/s3"), metavar="DIR")
    parser.add_argument("--faults", metavar="FILE|JSON", help="for tests: see local/faults")
    options = parser.parse_args()
    logging.basicConfig(stream=sys.stderr, format="%(asctime)s %(name)s %(message)s")
    log.setLevel(logging.INFO)
    try:
        serve(options.port, options.data, options.faults)
    except FaultsUnusableError as problem:
        print(problem, file=sys.stderr)  # noqa: T201
        return 1
    except OSError as problem:
        print(f"cannot serve on {HOST}:{options.port}: {problem}", file=sys.stderr)  # noqa: T201
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
