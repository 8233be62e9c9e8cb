"""The filter of system calls: its numbers are the kernel's, and its program says what it should."""

import re
import struct
from pathlib import Path

import pytest

from worker.decoder.filter import ALLOW, KILL, PROT_EXEC, REFUSE, program
from worker.decoder.syscalls import ALLOWED, DEADLY, MACHINES, NOT_EXECUTABLE

HEADERS = {
    "x86_64": Path("/usr/include/x86_64-linux-gnu/asm/unistd_64.h"),
    "aarch64": Path("/usr/include/asm-generic/unistd.h"),
}
# Names that asm-generic spells in its own way.
SPELT = {"mmap": "3264_mmap|mmap"}


def verdict(machine, number, third=0, audit=None):
    """Run the program as the kernel would, over one call (Documentation/networking/filter.rst)."""
    audit = machine.audit if audit is None else audit
    data = struct.pack("<iIQ6Q", number, audit, 0, 0, 0, third, 0, 0, 0)
    code = list(struct.iter_unpack("=HBBI", program(machine)))
    at, held = 0, 0
    while True:
        operation, then, otherwise, value = code[at]
        at += 1
        if operation == 0x20:
            (held,) = struct.unpack_from("<I", data, value)
        elif operation == 0x06:
            return value
        else:
            tests = {0x15: held == value, 0x35: held >= value, 0x45: bool(held & value)}
            at += then if tests[operation] else otherwise


@pytest.fixture(params=MACHINES)
def machine(request):
    return MACHINES[request.param]


@pytest.mark.parametrize("name", MACHINES)
def test_the_numbers_are_the_kernels(name):
    if not HEADERS[name].exists():
        pytest.skip(f"needs {HEADERS[name]}, of linux-libc-dev")
    text = HEADERS[name].read_text()
    for call, number in MACHINES[name].numbers.items():
        pattern = rf"#define __NR3?(?:_|264_)(?:{SPELT.get(call, call)})\s+(\d+)\b"
        assert re.search(pattern, text)[1] == str(number), call


def test_what_is_needed_is_allowed(machine):
    for name in ALLOWED:
        assert verdict(machine, machine.numbers[name]) == ALLOW, name


def test_what_is_deadly_kills(machine):
    for name in DEADLY:
        assert verdict(machine, machine.numbers[name]) == KILL, name


def test_all_else_is_refused(machine):
    named = {machine.numbers[name] for name in (*ALLOWED, *DEADLY)}
    for number in range(600):
        if number not in named:
            assert verdict(machine, number) == REFUSE, number


def test_no_memory_is_made_executable(machine):
    for name in NOT_EXECUTABLE:
        for protection in range(8):
            expected = REFUSE if protection & PROT_EXEC else ALLOW
            assert verdict(machine, machine.numbers[name], protection) == expected


def test_calls_of_another_machine_kill(machine):
    others = {each.audit for each in MACHINES.values()} | {0x40000003}  # i386
    for audit in others - {machine.audit}:
        assert verdict(machine, machine.numbers["read"], audit=audit) == KILL


def test_the_other_calling_convention_of_x86_kills():
    machine = MACHINES["x86_64"]
    for name in ALLOWED:
        assert verdict(machine, 0x40000000 | machine.numbers[name]) == KILL
    assert verdict(machine, -1) == KILL


def test_the_lists_share_nothing():
    assert not set(ALLOWED) & set(DEADLY)
    assert set(NOT_EXECUTABLE) <= set(ALLOWED)
