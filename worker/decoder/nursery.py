"""The process that decoders are forked from, as its worker sees it."""

import asyncio
import contextlib
import os
import socket
import subprocess
import sys
from pathlib import Path

from worker.decoder.frames import END, FORK, REPLY, REQUEST
from worker.decoder.jail import Terms
from worker.decoder.line import Line
from worker.decoder.tray import Tray, made

ROOT = str(Path(__file__).resolve().parents[2])
KEPT = ("PATH", "LANG", "LC_ALL", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "PYTHONHOME")
PATIENCE = 60.0  # seconds for an answer: it may still be importing, on a machine that is busy
CLOSING = 2.0


class Gone(Exception):
    """The nursery has ended, or does not answer; all its decoders end with it."""


class Nursery:
    """Forks decoders. A call without its reply, late or canceled, is the last: the next one would take it.

    Args:
        terms: of each decoder.

    Raises:
        OSError: no process can be started, for want of memory or descriptors for example.
    """

    def __init__(self, terms: Terms) -> None:
        self._control, theirs = socket.socketpair()
        self._control.setblocking(False)
        with theirs:
            try:
                self._process = _started(theirs.fileno(), terms)
            except BaseException:
                self._control.close()
                raise
        self._turn = asyncio.Lock()

    @property
    def pid(self) -> int:
        return self._process.pid

    async def fork(self) -> tuple[int, Line, Tray]:
        """A new decoder: its process id and our ends of its line and its tray. Raises Gone."""
        with contextlib.ExitStack() as undo:
            try:
                ours, theirs = socket.socketpair()
                undo.callback(ours.close)
                with theirs:
                    shared = made()
                    undo.callback(os.close, shared)
                    tray = Tray(os.dup(shared))
                    undo.callback(tray.close)
                    pid = _real(await self._ask(FORK, 0, [theirs.fileno(), shared]))
            except OSError as error:
                raise Gone(f"no decoder can be forked: {error!r}") from error
            ours.setblocking(False)
            undo.pop_all()
            os.close(shared)
            return pid, Line(ours), tray

    async def end(self, pid: int) -> int:
        """End a decoder, if it has not ended yet; its exit code, or minus the signal. Raises Gone."""
        return await self._ask(END, pid, [])

    def close(self) -> None:
        """End it, with all its decoders."""
        self._control.close()
        try:
            self._process.wait(CLOSING)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    async def _ask(self, letter: bytes, number: int, lines: list[int]) -> int:
        try:
            async with asyncio.timeout(PATIENCE), self._turn:
                try:
                    socket.send_fds(self._control, [REQUEST.pack(letter, number)], lines)
                    return int(REPLY.unpack(await self._reply())[0])
                except BaseException:
                    self._control.close()  # a reply that still comes is nobody's
                    raise
        except (OSError, TimeoutError) as error:
            raise Gone(f"no decoder can be forked: {error!r}") from error

    async def _reply(self) -> bytes:
        loop, reply = asyncio.get_running_loop(), b""
        while len(reply) < REPLY.size:
            more = await loop.sock_recv(self._control, REPLY.size - len(reply))
            if not more:
                raise Gone("the process that decoders are forked from has ended")
            reply += more
        return reply


def _started(descriptor: int, terms: Terms) -> subprocess.Popen[bytes]:
    return subprocess.Popen(  # noqa: S603
        _command(descriptor, terms),
        env=clean_environment(),
        stdin=subprocess.DEVNULL,
        cwd="/",
        pass_fds=[descriptor],
        start_new_session=True,
    )


def _real(pid: int) -> int:
    """To the system, 0 and less mean this process, a group or everybody, and 1 is the first of all."""
    if pid <= 1:
        raise Gone(f"no decoder is process {pid}")
    return pid


def clean_environment() -> dict[str, str]:
    """No credential, no setting, no address: what Python itself needs to find our code."""
    kept = {name: os.environ[name] for name in KEPT if name in os.environ}
    return {**kept, "PYTHONPATH": ROOT, "OPENBLAS_NUM_THREADS": "1", "PYTHONDONTWRITEBYTECODE": "1"}


def _command(descriptor: int, terms: Terms) -> list[str]:
    numbers = (descriptor, os.getpid(), terms.memory)
    command = [sys.executable, "-P", "-s", "-m", "worker.decoder", *map(str, numbers)]
    return [*command, "unfiltered"] if terms.unfiltered else command
