"""The list of system calls that are left to a decoder, as a program that the kernel runs before each.

Classic BPF over `struct seccomp_data` (linux/seccomp.h): number at 0, machine at 4, arguments from 16 on.
"""

import ctypes
import errno
import platform
import struct
import sys

from worker.decoder.syscalls import ALLOWED, DEADLY, MACHINES, NOT_EXECUTABLE, Machine

NUMBER, MACHINE, THIRD_ARGUMENT = 0, 4, 32  # the lower half: both machines are little-endian
LOAD, EQUAL, AT_LEAST, ANY_OF, RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
ALLOW, KILL, REFUSE = 0x7FFF0000, 0x80000000, 0x00050000 | errno.EPERM
PROT_EXEC = 4
PR_SET_SECCOMP, SECCOMP_MODE_FILTER = 22, 2


class NoFilter(Exception):
    """This system has no way to filter system calls; the text says what is missing."""


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("instructions", ctypes.c_char_p))


def install() -> None:
    """Leave ALLOWED to this thread and to all that it starts, for good.

    Needs PR_SET_NO_NEW_PRIVS. A process of several threads would go on unfiltered in the others.

    Raises:
        NoFilter: not Linux, a machine whose numbers are not known, or a kernel without it.
    """
    machine = MACHINES.get(platform.machine())
    if sys.platform != "linux" or machine is None:
        raise NoFilter(f"{sys.platform} on {platform.machine()} has no filter of system calls")
    code = program(machine)
    libc = ctypes.CDLL(None, use_errno=True)
    given = _Program(len(code) // 8, code)
    if libc.prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, ctypes.byref(given), 0, 0):
        reason = errno.errorcode.get(ctypes.get_errno(), "?")
        raise NoFilter(f"the kernel takes no filter of system calls ({reason})")


def program(machine: Machine) -> bytes:
    """The instructions, 8 bytes each."""
    numbers = machine.numbers
    steps = [
        _step(LOAD, MACHINE),
        *_unless(EQUAL, machine.audit, KILL),
        _step(LOAD, NUMBER),
    ]
    if machine.foreign is not None:
        steps += _when(AT_LEAST, machine.foreign, KILL)
    for name in ALLOWED:
        limits = _unexecutable() if name in NOT_EXECUTABLE else []
        body = [*limits, _step(RETURN, ALLOW)]
        steps += [_step(EQUAL, numbers[name], 0, len(body)), *body]
    for name in DEADLY:
        steps += _when(EQUAL, numbers[name], KILL)
    return b"".join([*steps, _step(RETURN, REFUSE)])


def _unexecutable() -> list[bytes]:
    return [_step(LOAD, THIRD_ARGUMENT), *_when(ANY_OF, PROT_EXEC, REFUSE)]


def _when(test: int, value: int, verdict: int) -> list[bytes]:
    return [_step(test, value, 0, 1), _step(RETURN, verdict)]


def _unless(test: int, value: int, verdict: int) -> list[bytes]:
    return [_step(test, value, 1, 0), _step(RETURN, verdict)]


def _step(code: int, value: int, then: int = 0, otherwise: int = 0) -> bytes:
    """`struct sock_filter`: what to do, instructions to skip if it holds, and if not."""
    return struct.pack("=HBBI", code, then, otherwise, value)
