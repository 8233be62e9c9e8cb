"""An Internet of our own: inside it every address, private or public, is this machine.

The calling process moves into new user, network and mount namespaces. A route makes all addresses
local (AnyIP), so that a packet to any of them arrives here and can be seen; nothing gets out.
"""

import ctypes
import fcntl
import os
import socket
import struct
from pathlib import Path

CLONE_NEWNS, CLONE_NEWUSER, CLONE_NEWNET = 0x00020000, 0x10000000, 0x40000000
MS_BIND, MS_REC, MS_PRIVATE = 0x1000, 0x4000, 0x40000
SIOCSIFFLAGS, IFF_UP, IFF_RUNNING = 0x8914, 0x1, 0x40
PR_SET_CHILD_SUBREAPER = 36
RTM_NEWROUTE, NLM_F_REQUEST, NLM_F_ACK, NLM_F_CREATE = 24, 0x1, 0x4, 0x400
TABLE_LOCAL, PROTO_STATIC, SCOPE_HOST, TYPE_LOCAL, RTA_OIF = 255, 4, 254, 2, 4

_libc = ctypes.CDLL(None, use_errno=True)


def enter() -> None:
    """Move this process, and what it starts from here on, into the world.

    Raises:
        OSError: this machine does not permit it.
    """
    uid, gid = os.getuid(), os.getgid()
    _call(_libc.unshare(CLONE_NEWUSER | CLONE_NEWNET | CLONE_NEWNS), "unshare")
    _write("/proc/self/setgroups", "deny")
    _write("/proc/self/uid_map", f"0 {uid} 1")
    _write("/proc/self/gid_map", f"0 {gid} 1")
    _call(_libc.mount(None, b"/", None, MS_REC | MS_PRIVATE, None), "mount private")
    _call(_libc.prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0), "prctl")
    _loopback_up()
    for family in (socket.AF_INET, socket.AF_INET6):
        _all_addresses_are_local(family)


def cover(path: str, text: str, folder: Path) -> None:
    """Let a file of the system read otherwise in here."""
    ours = folder / Path(path).name
    ours.write_text(text)
    _call(_libc.mount(bytes(ours), path.encode(), None, MS_BIND, None), f"bind {path}")


def _loopback_up() -> None:
    with socket.socket() as any_socket:
        request = struct.pack("16sH14x", b"lo", IFF_UP | IFF_RUNNING)
        fcntl.ioctl(any_socket, SIOCSIFFLAGS, request)


def _all_addresses_are_local(family: int) -> None:
    """`ip route add local default dev lo`, as rtnetlink(7) has it."""
    route = struct.pack(
        "BBBBBBBBI", family, 0, 0, 0, TABLE_LOCAL, PROTO_STATIC, SCOPE_HOST, TYPE_LOCAL, 0
    )
    device = struct.pack("HHI", 8, RTA_OIF, socket.if_nametoindex("lo"))
    flags = NLM_F_REQUEST | NLM_F_ACK | NLM_F_CREATE
    header = struct.pack("IHHII", 16 + len(route) + len(device), RTM_NEWROUTE, flags, 1, 0)
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0) as netlink:
        netlink.sendto(header + route + device, (0, 0))
        error = -struct.unpack("i", netlink.recv(4096)[16:20])[0]
    if error:
        raise OSError(error, f"no local route: {os.strerror(error)}")


def _write(path: str, text: str) -> None:
    try:
        Path(path).write_text(text)
    except OSError as error:  # the kernel's refusal does not name the file
        raise OSError(error.errno, f"{path}: {error.strerror}") from error


def _call(result: int, what: str) -> None:
    if result != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")
