"""Moves into the world and becomes the process that runs it.

Apart from `world.py`, because only a process without threads may leave its user namespace, and numpy
and OpenVINO start some when they are imported.
"""

import json
import os
import sys
from pathlib import Path

from tests.acceptance.hostile import namespace, zone

FILES = {
    "/etc/resolv.conf": f"nameserver {zone.NAMESERVER}\noptions timeout:1 attempts:1\n",
    "/etc/hosts": "127.0.0.1 localhost\n::1 localhost\n",
    "/etc/nsswitch.conf": "hosts: files dns\n",
}


def main() -> None:
    folder = Path(sys.argv[1])
    try:
        namespace.enter()
        for path, text in FILES.items():
            namespace.cover(path, text, folder)
    except OSError as error:
        print(json.dumps({"impossible": str(error)}), flush=True)
        return
    direct = {k: v for k, v in os.environ.items() if not k.lower().endswith("_proxy")}
    world = [sys.executable, "-m", "tests.acceptance.hostile.world", *sys.argv[1:]]
    os.execve(sys.executable, world, direct)


if __name__ == "__main__":
    main()
