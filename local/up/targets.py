"""Where Prometheus finds the metrics of this service: files of its file_sd in DIR/targets.

One is of the parts, whose ports stay; each worker leaves and removes its own.
"""

import json
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlsplit

from local.up.parts import Ports
from local.up.ports import LOOPBACK

FOLDER = "targets"
_PARTS = "parts.json"


def leave(data: Path, ports: Ports, api_url: str) -> None:
    """Say where the parts show their metrics; what an earlier run said is gone."""
    clear(data)
    found = [
        _target(urlsplit(api_url).netloc, "api"),
        _target(f"{LOOPBACK}:{ports.balancer}", "balancer"),
        _target(f"{LOOPBACK}:{ports.sqs}", "sqs"),
        # A path of its own: any other is a bucket's.
        _target(f"{LOOPBACK}:{ports.storage}", "storage", __metrics_path__="/_counts"),
    ]
    (data / FOLDER / _PARTS).write_text(json.dumps(found, indent=1) + "\n")


def clear(data: Path) -> None:
    """Nothing is to be scraped any more."""
    for path in (data / FOLDER).glob("*.json"):
        with suppress(OSError):
            path.unlink()


def _target(address: str, process: str, **labels: str) -> dict[str, object]:
    return {"targets": [address], "labels": {"process": process, **labels}}
