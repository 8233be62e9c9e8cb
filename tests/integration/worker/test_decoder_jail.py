"""From inside the jail: whatever taken-over code would try, tried. Each try succeeds outside of it."""

import os
import platform
import socket
import subprocess
import sys
import threading
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the filter is Linux's")

# `out` stays open inside; a try that raises OSError, MemoryError or RuntimeError was refused.
START = """
import ctypes, mmap, os, resource, signal, socket, sys, threading
from worker.decoder.jail import Terms, enter
out = os.dup(1)
libc = ctypes.CDLL(None, use_errno=True)
def call(*arguments):
    result = libc.syscall(*arguments)
    if result == -1 and ctypes.get_errno() in (1, 38):
        raise OSError(ctypes.get_errno(), "refused")
    return result
def attempt(place, parent):
{body}
place, parent = sys.argv[2], int(sys.argv[3])
if sys.argv[1] == "jailed":
    enter(Terms(2**30), {{out}})
os.write(out, b"started\\n")
try:
    attempt(place, parent)
except (OSError, MemoryError, RuntimeError) as error:
    os.write(out, b"refused " + type(error).__name__.encode())
    os._exit(0)
os.write(out, b"escaped")
os._exit(0)
"""

TRIES = {
    "metadata": """
    line = socket.socket(); line.setblocking(False)
    line.connect_ex(("169.254.169.254", 80))""",
    "loopback": """
    socket.socket().connect(("127.0.0.1", int(place)))""",
    "datagram": """
    socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"x", ("127.0.0.1", 9))""",
    "a socket of a file": """
    socket.socket(socket.AF_UNIX).connect_ex("/nowhere")""",
    "own environment": """
    open("/proc/self/environ").read()""",
    "the worker's environment": """
    open(f"/proc/{parent}/environ").read()""",
    "the worker's memory": """
    open(f"/proc/{parent}/mem", "rb").close()""",
    "users": """
    open("/etc/passwd").read()""",
    "a folder": """
    os.listdir("/")""",
    "write": """
    open(place, "w").write("here")""",
    "link": """
    os.symlink("/etc", place)""",
    "fork": """
    os.fork() or os._exit(0)""",
    "thread": """
    threading.Thread(target=print).start()""",
    "exec": """
    os.execv("/bin/sh", ["sh", "-c", "echo escaped"])""",
    "kill": """
    os.kill(parent, 0)""",
    "kill itself at large": """
    os.killpg(os.getpgid(parent), 0)""",
    "io_uring": """
    call(425, 1, None)""",
    "watch another": """
    call(434, parent, 0)""",
    "code of its own": """
    mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)""",
    "code made afterwards": """
    room = mmap.mmap(-1, 4096)
    start = ctypes.addressof(ctypes.c_char.from_buffer(room))
    if libc.mprotect(ctypes.c_void_p(start), 4096, 5): raise OSError""",
    "four gigabytes": """
    bytearray(4 * 2**30)""",
    "more limits": """
    resource.setrlimit(resource.RLIMIT_FSIZE, resource.getrlimit(resource.RLIMIT_FSIZE))""",
    "shared memory": """
    os.memfd_create("x")""",
    "a look": """
    os.stat("/")""",
}
if platform.machine() == "x86_64":
    TRIES |= {
        "trace": """
    call(101, 0, 0, 0, 0)""",
        "read another's memory": """
    call(310, parent, None, 0, None, 0, 0)""",
        "the other calling convention": """
    call(0x40000000 | 39)""",
    }


def tried(body, where, place):
    """What became of it: the standard output and the exit status."""
    return subprocess.run(
        [sys.executable, "-c", START.format(body=body), where, str(place), str(os.getpid())],
        cwd=ROOT,
        env={**os.environ, "SECRET": "open sesame"},
        capture_output=True,
        timeout=60,
    )


@pytest.fixture
def tripwire():
    """A listener and what came to it."""
    came = []
    with socket.create_server(("127.0.0.1", 0)) as server:

        def listen():
            while True:
                try:
                    line, address = server.accept()
                except OSError:
                    return
                came.append(address)
                line.close()

        threading.Thread(target=listen, daemon=True).start()
        yield server.getsockname()[1], came
        server.shutdown(socket.SHUT_RDWR)


@pytest.fixture
def place(request, tmp_path, tripwire):
    return tripwire[0] if request.node.callspec.params["name"] == "loopback" else tmp_path / "new"


@pytest.mark.parametrize("name", TRIES)
def test_it_fails_inside(name, place, tripwire):
    done = tried(TRIES[name], "jailed", place)
    assert done.stdout.startswith(b"started\n"), done.stderr.decode()
    assert b"escaped" not in done.stdout
    assert b"refused" in done.stdout or done.returncode < 0
    assert tripwire[1] == []
    assert isinstance(place, int) or (not place.is_symlink() and not place.exists())


@pytest.mark.parametrize("name", [name for name in TRIES if "convention" not in name])
def test_the_same_succeeds_outside(name, place):
    done = tried(TRIES[name], "free", place)
    if name == "io_uring" and b"refused" in done.stdout:
        pytest.skip("this kernel has no io_uring to refuse")
    assert b"escaped" in done.stdout, done.stderr.decode()


def test_what_is_deadly_kills():
    for name in ("metadata", "exec", "kill"):
        assert tried(TRIES[name], "jailed", "x").returncode == -31  # SIGSYS


@pytest.mark.parametrize(
    ("terms", "said"),
    [
        ("Terms(2**30)", b"kept out: the kernel takes no filter of system calls (EINVAL)"),
        ("Terms(2**30, unfiltered=True)", b"limits alone"),
    ],
)
def test_a_kernel_that_takes_no_filter_keeps_the_decoder_out_unless_it_may_do_without(terms, said):
    body = f"""
    import worker.decoder.filter as here
    here.PR_SET_SECCOMP = 9999
    from worker.decoder.jail import NotLocked
    try:
        os.write(out, enter({terms}, {{out}}).encode())
    except NotLocked as error:
        os.write(out, b"kept out: " + str(error).encode())"""
    assert said in tried(body, "free", "x").stdout


def test_a_filter_that_does_not_filter_is_noticed():
    body = """
    import worker.decoder.jail as here
    here.install = lambda: None
    from worker.decoder.jail import NotLocked
    resource.setrlimit = lambda *_: None
    try:
        enter(Terms(2**30), {out})
    except NotLocked as error:
        os.write(out, b"kept out: " + str(error).encode())"""
    assert b"filters nothing" in tried(body, "free", "x").stdout


def test_standard_streams_lead_nowhere_and_nothing_else_is_open():
    body = """
    os.write(1, b"a line in the log")
    os.write(2, b"a line in the log")
    for other in range(3, 64):
        if other != out:
            try:
                os.close(other)
            except OSError:
                continue
            return
    raise OSError"""
    done = tried(body, "jailed", "x")
    assert (done.stdout, done.stderr) == (b"started\nrefused OSError", b"")
