"""A loopback of this process's own, on which nobody else's bytes are counted."""

import ctypes
import fcntl
import socket
import struct

import psutil

NEW_NETWORK = 0x40000000  # CLONE_NEWNET, linux/sched.h
GET_FLAGS, SET_FLAGS, UP = 0x8913, 0x8914, 0x1  # SIOCGIFFLAGS, SIOCSIFFLAGS, IFF_UP
LOOPBACK = b"lo"


def enter() -> bool:
    """Move this process, and what it starts from now on, into a network namespace with a loopback alone.

    Returns:
        Whether the system allows it (it takes root on Linux); if not, everybody's bytes are counted.
    """
    try:
        if ctypes.CDLL(None, use_errno=True).unshare(NEW_NETWORK):
            return False
    except AttributeError:
        return False
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        asked = struct.pack("16sh14x", LOOPBACK, 0)
        found = struct.unpack("16sh14x", fcntl.ioctl(any_socket, GET_FLAGS, asked))[1]
        fcntl.ioctl(any_socket, SET_FLAGS, struct.pack("16sh14x", LOOPBACK, found | UP))
    return True


def sent() -> int:
    """Bytes that went over the loopback so far, headers and acknowledgements and all."""
    return int(psutil.net_io_counters(pernic=True)["lo"].bytes_sent)
