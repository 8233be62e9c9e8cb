"""Ports on loopback: which are free, and whether one that was asked for is."""

import random
import socket
from collections.abc import Iterator

LOOPBACK = "127.0.0.1"
# Below Linux's ephemeral range (32768 and up): while a part is down, no outgoing connection of
# anybody can be given its port.
RANGE = range(20_000, 32_000)


def is_free(port: int, host: str = LOOPBACK) -> bool:
    """Whether a server could listen there now. Connections in TIME_WAIT do not count."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


def free() -> Iterator[int]:
    """Ports of RANGE that are free now, no port twice.

    Raises:
        OSError: there are no more.
    """
    for port in random.sample(RANGE, len(RANGE)):
        if is_free(port):
            yield port
    raise OSError(f"no free port on {LOOPBACK} from {RANGE.start} to {RANGE.stop - 1}")
