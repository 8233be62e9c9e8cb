"""Where and with which versions something was measured."""

import platform
import re
from collections.abc import Iterable
from importlib.metadata import version
from pathlib import Path

import psutil

from bench.peers.contenders import PEERS, Contender
from bench.peers.environments import REQUIREMENTS

CPU = re.compile(r"^model name\s*:\s*(.+)$", re.MULTILINE)
MODEL_NAMES = Path("/proc/cpuinfo")


def machine() -> dict[str, object]:
    """Cores, processor, memory in GiB, system and Python."""
    found = CPU.search(MODEL_NAMES.read_text()) if MODEL_NAMES.exists() else None
    return {
        "cores": psutil.cpu_count() or 1,
        "processor": found[1] if found else platform.processor(),
        "memory_gib": round(psutil.virtual_memory().total / (1 << 30), 1),
        "system": platform.platform(),
        "python": platform.python_version(),
        "openvino": version("openvino"),
    }


def versions(contenders: Iterable[Contender]) -> dict[str, list[str]]:
    """What was asked for by name, `package==version`, by environment."""
    names = {PEERS[each.peer].environment for each in contenders if each.peer in PEERS}
    return {name: (REQUIREMENTS / f"{name}.in").read_text().split() for name in sorted(names)}
