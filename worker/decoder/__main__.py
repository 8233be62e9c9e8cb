"""`python -m worker.decoder DESCRIPTOR PARENT MEMORY [unfiltered]`: where decoders come from.

Imports all that decoding needs, and then forks a decoder whenever it is asked to: a fork takes
milliseconds, an import half a second. It touches no picture itself and is never locked in; it was
started with next to no environment, and so a decoder inherits none.

Each request is a letter and a number: F with the decoder's ends of a socket and of a tray forks and is
answered with its process id; E ends the decoder of that id and is answered with how it ended, as
`os.waitstatus_to_exitcode` has it. Until then the dead are left unburied, so that no id can mean anybody
else.
"""

import contextlib
import os
import signal
import socket
import sys

from worker.decoder.frames import FORK, REPLY, REQUEST
from worker.decoder.inmate import live
from worker.decoder.jail import Terms, die_with, go_first, hide
from worker.decoder.tray import Tray
from worker.decoder.warm import warm_up


def main() -> None:
    """Serve until the worker closes its end, or dies."""
    for unheard in (signal.SIGTERM, signal.SIGINT):
        # Sent to the worker's whole group, as systemd does: it still has pictures in hand. Forks inherit it.
        signal.signal(unheard, signal.SIG_IGN)
    descriptor, parent, memory = map(int, sys.argv[1:4])
    die_with(parent)
    go_first()
    hide()  # from now on its own files in /proc are root's
    warm_up()
    control = socket.socket(fileno=descriptor)
    serve(control, Terms(memory, unfiltered="unfiltered" in sys.argv[4:]))


def serve(control: socket.socket, terms: Terms) -> None:
    """Answer requests; at the end of the stream every decoder is ended too."""
    alive: set[int] = set()
    while request := _next(control):
        letter, number, lines = request
        if letter == FORK:
            number = _fork(control, lines, terms)
            alive.add(number)
            control.sendall(REPLY.pack(number))
        elif number in alive:
            alive.remove(number)
            control.sendall(REPLY.pack(_end(number)))
        else:  # of an earlier nursery, and gone with it; the number may be anybody's by now
            control.sendall(REPLY.pack(0))
    for process in alive:
        _end(process)


def _next(control: socket.socket) -> tuple[bytes, int, list[int]] | None:
    data, lines, _, _ = socket.recv_fds(control, REQUEST.size, 2)
    while data and len(data) < REQUEST.size:
        more = control.recv(REQUEST.size - len(data))
        data = data + more if more else b""
    if not data:
        return None
    letter, number = REQUEST.unpack(data)
    return letter, number, lines


def _fork(control: socket.socket, lines: list[int], terms: Terms) -> int:
    line, tray = lines
    here = os.getpid()
    process = os.fork()
    if process:
        os.close(line)
        os.close(tray)
        return process
    try:
        control.close()
        die_with(here)
        live(line, Tray(tray), terms)
    finally:
        os._exit(1)


def _end(process: int) -> int:
    with contextlib.suppress(ProcessLookupError):
        os.kill(process, signal.SIGKILL)
    _, status = os.waitpid(process, 0)
    return os.waitstatus_to_exitcode(status)


if __name__ == "__main__":
    main()
