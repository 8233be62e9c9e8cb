"""The line to the process that decoders are forked from, with the test at its other end."""

import asyncio
import errno
import os
import socket

import pytest

from classifier.limits import ImageLimits
from classifier.manifest import Preprocessing
from worker.decoder import nursery as room
from worker.decoder.cell import Cell
from worker.decoder.frames import END, FORK, REPLY, REQUEST
from worker.decoder.jail import Terms
from worker.decoder.line import Line
from worker.decoder.nursery import Gone, Nursery
from worker.decoder.pool import Bounds, Decoders, NoDecoder
from worker.decoder.tray import Tray, made

NO_FILES = OSError(errno.EMFILE, "Too many open files")


class Process:
    """In the place of the nursery's process; the other end of its line stays here."""

    pid = 4242

    def __init__(self, *_, pass_fds, **__):
        self.line = socket.socket(fileno=os.dup(pass_fds[0]))
        self.line.settimeout(5)

    def wait(self, seconds=None):
        self.line.close()
        return 0


@pytest.fixture
def nursery(monkeypatch):
    monkeypatch.setattr(room.subprocess, "Popen", Process)
    made = Nursery(Terms(2**30))
    yield made
    made.close()


def heard(nursery):
    data, lines, _, _ = socket.recv_fds(nursery._process.line, REQUEST.size, 2)
    for line in lines:
        os.close(line)
    return REQUEST.unpack(data) if data else None


def say(nursery, number):
    nursery._process.line.sendall(REPLY.pack(number))


async def begun(work):
    task = asyncio.create_task(work)
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    return task


async def test_a_fork_and_an_end(nursery):
    task = await begun(nursery.fork())
    assert heard(nursery) == (FORK, 0)
    say(nursery, 77)
    pid, line, tray = await task
    line.close()
    tray.close()
    task = await begun(nursery.end(pid))
    assert heard(nursery) == (END, 77)
    say(nursery, -9)
    assert await task == -9


@pytest.mark.parametrize("number", [-9, -1, 0, 1])
async def test_what_is_no_process_of_ours_is_never_taken_for_a_decoder(nursery, number):
    task = await begun(nursery.fork())
    say(nursery, number)
    with pytest.raises(Gone):
        await task
    ours, theirs = socket.socketpair()
    with ours, theirs, pytest.raises(ValueError, match="no decoder"):
        Cell(number, Line(ours), Tray(made()))


async def hopeless(nursery):
    """It hears that nobody will ask any more, and nobody takes its late reply for another's."""
    async with asyncio.timeout(5):
        with pytest.raises(Gone):
            await nursery.fork()
        with pytest.raises(Gone):
            await nursery.end(77)
    assert heard(nursery) is None


async def test_a_reply_that_comes_too_late_is_nobodys(nursery, monkeypatch):
    monkeypatch.setattr(room, "PATIENCE", 0.05)
    with pytest.raises(Gone):
        await nursery.end(77)
    assert heard(nursery) == (END, 77)
    with pytest.raises(BrokenPipeError):
        say(nursery, -1)
    await hopeless(nursery)


async def test_a_reply_to_a_call_that_was_canceled_is_nobodys(nursery):
    task = await begun(nursery.end(77))
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert heard(nursery) == (END, 77)
    await hopeless(nursery)


async def test_whoever_is_canceled_before_his_turn_harms_nobody(nursery):
    first, second = await begun(nursery.end(77)), await begun(nursery.end(78))
    second.cancel()
    assert heard(nursery) == (END, 77)
    say(nursery, -9)
    assert await first == -9
    task = await begun(nursery.end(79))
    assert heard(nursery) == (END, 79)
    say(nursery, 0)
    assert await task == 0


async def test_no_descriptor_for_a_line_is_said_as_such(nursery, monkeypatch):
    def none():
        raise NO_FILES

    monkeypatch.setattr(socket, "socketpair", none)
    with pytest.raises(Gone, match="Too many open files"):
        await nursery.fork()


@pytest.mark.parametrize("error", [NO_FILES, BlockingIOError(errno.EAGAIN, "no process")])
@pytest.mark.parametrize("what", ["socketpair", "Popen", "thread"])
async def test_a_picture_is_no_fault_where_no_decoder_can_be_started(monkeypatch, what, error):
    """It is given back, not answered: NoDecoder, whatever the system lacks."""
    monkeypatch.setattr(room.subprocess, "Popen", Process)
    decoders = Decoders(1, Terms(2**30), Bounds(ImageLimits(), 10))
    decoders._nursery._process.line.close()  # it has ended

    def none(*_, **__):
        raise error

    async def no_thread(*_):
        raise RuntimeError("can't start new thread")

    if what == "thread":
        monkeypatch.setattr(asyncio, "to_thread", no_thread)
    else:
        monkeypatch.setattr(socket if what == "socketpair" else room.subprocess, what, none)
    async with asyncio.timeout(10):
        with pytest.raises(NoDecoder):
            await decoders.prepare(b"x", Preprocessing(side=8, resize=8))
    assert isinstance(decoders._lost.exception(), NoDecoder)


async def test_a_nursery_that_cannot_be_started_leaves_no_line_open(monkeypatch):
    made = []

    def none(*_, **__):
        raise NO_FILES

    def pair():
        made.extend(real())
        return made[-2:]

    real = socket.socketpair
    monkeypatch.setattr(room.subprocess, "Popen", none)
    monkeypatch.setattr(socket, "socketpair", pair)
    with pytest.raises(OSError, match="Too many"):
        Nursery(Terms(2**30))
    assert [each.fileno() for each in made] == [-1, -1]
