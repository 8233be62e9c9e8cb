"""Who began a bake, as a tag says it, and whether that process is there to end it."""

import os
import socket
from pathlib import Path

TAG = "classifycloud-starter"
SPACE = Path("/proc/self/ns/pid")


def here() -> str:
    """This process: its host, its table of processes (containers of one name have their own), its number."""
    return f"{_host()}/{os.getpid()}"


def gone(starter: str) -> bool:
    """Whether it was a process of this machine that has ended. What is elsewhere cannot be known."""
    host, _, number = starter.rpartition("/")
    if host != _host() or not number.isdigit() or not SPACE.exists():
        return False
    try:
        os.kill(int(number), 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False  # somebody else's
    return False


def _host() -> str:
    space = SPACE.stat().st_ino if SPACE.exists() else 0
    return f"{socket.gethostname()}/{space}"
