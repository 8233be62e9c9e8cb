"""What worker and decoder share: copied out once, and of a size that nobody changes."""

import asyncio
import errno
import os
import socket
import sys

import numpy as np
import pytest

from worker.decoder.line import Line
from worker.decoder.tray import FILE, SQUARE, Tray, made


@pytest.fixture
def ends():
    shared = made()
    both = Tray(os.dup(shared)), Tray(shared)
    yield both
    for each in both:
        each.close()


def test_a_file_and_a_square_cross_over(ends):
    worker, decoder = ends
    square = np.arange(64 * 64 * 3, dtype=np.uint8).reshape(64, 64, 3)
    assert worker.put(b"a picture")
    assert decoder.file(9) == b"a picture"
    assert decoder.serve(square)
    assert decoder.file(9) == b"a picture"
    assert worker.square(square.nbytes) == square.tobytes()


@pytest.mark.parametrize(("size", "fits"), [(FILE, True), (FILE + 1, False)])
def test_a_file_that_is_too_large_is_not_laid_down(ends, size, fits):
    worker, decoder = ends
    decoder.serve(np.full((1, 1, 3), 7, np.uint8))
    assert worker.put(b"x" * size) is fits
    assert (decoder.file(size) is not None) is fits
    assert worker.square(3) == b"\7\7\7"


@pytest.mark.parametrize(("side", "fits"), [(591, True), (592, False)])
def test_a_square_that_is_too_large_is_not_laid_down(ends, side, fits):
    _, decoder = ends
    assert (3 * side**2 <= SQUARE) is fits
    assert (decoder.room(side) is not None) is fits
    assert decoder.serve(np.zeros((side, side, 3), np.uint8)) is fits


def test_what_lies_in_the_room_is_served_as_it_is(ends):
    worker, decoder = ends
    for side in (8, 9, 8):
        decoder.room(side)[:] = side
        assert decoder.serve(decoder.room(side))
        assert worker.square(3 * side**2) == bytes([side]) * 3 * side**2


def test_what_is_scribbled_later_changes_no_picture_that_was_taken(ends):
    worker, decoder = ends
    decoder.serve(np.full((10, 10, 3), 1, np.uint8))
    taken = worker.square(300)
    decoder.serve(np.full((10, 10, 3), 2, np.uint8))
    assert taken == b"\1" * 300


@pytest.mark.skipif(sys.platform != "linux", reason="seals are Linux's")
@pytest.mark.parametrize("size", [0, FILE, 2 * (FILE + SQUARE)])
def test_nobody_takes_the_memory_away_or_makes_it_larger(size):
    shared = made()
    with pytest.raises(PermissionError):
        os.ftruncate(shared, size)
    os.close(shared)


@pytest.mark.skipif(sys.platform != "linux", reason="memory without a name is Linux's")
def test_the_memory_is_no_program_where_the_system_knows_that(monkeypatch):
    create, refused = os.memfd_create, []

    def newest(name, flags):
        try:
            return create(name, flags)
        except OSError:
            refused.append(flags)
            raise

    monkeypatch.setattr(os, "memfd_create", newest)
    shared = made()
    runs = os.fstat(shared).st_mode & 0o111
    os.close(shared)
    assert bool(runs) is bool(refused)


@pytest.mark.skipif(sys.platform != "linux", reason="memory without a name is Linux's")
def test_an_older_linux_is_not_asked_for_what_it_does_not_know(monkeypatch):
    create = os.memfd_create

    def older(name, flags):
        if flags & ~(os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING):
            raise OSError(errno.EINVAL, "Invalid argument")
        return create(name, flags)

    monkeypatch.setattr(os, "memfd_create", older)
    tray = Tray(made())
    assert tray.put(b"a picture")
    tray.close()


@pytest.mark.skipif(sys.platform != "linux", reason="memory without a name is Linux's")
def test_where_there_is_none_nothing_else_is_tried(monkeypatch):
    asked = []

    def full(name, flags):
        asked.append(flags)
        raise OSError(errno.EMFILE, "Too many open files")

    monkeypatch.setattr(os, "memfd_create", full)
    with pytest.raises(OSError, match="Too many"):
        made()
    assert len(asked) == 1


def test_a_tray_keeps_no_descriptor_of_its_makers(ends):
    shared = made()
    Tray(shared).close()
    with pytest.raises(OSError, match="Bad file"):
        os.close(shared)


@pytest.fixture
async def line():
    ours, theirs = socket.socketpair()
    ours.setblocking(False)
    made = Line(ours)
    yield made, theirs
    made.close()
    theirs.close()


async def test_a_line_reads_what_comes_in_pieces(line):
    ours, theirs = line
    room = memoryview(bytearray(10))
    reading = asyncio.create_task(ours.fill(room, 0, 5))
    for piece in (b"ab", b"cde"):
        await asyncio.sleep(0.01)
        theirs.send(piece)
    assert await reading == 5
    assert bytes(room[:5]) == b"abcde"


async def test_a_line_says_when_the_other_end_is_gone(line):
    ours, theirs = line
    assert ours.silent
    theirs.close()
    assert not ours.silent
    with pytest.raises(EOFError):
        await ours.fill(memoryview(bytearray(3)), 0, 3)


async def test_what_is_said_unasked_costs_no_turn_of_the_loop_and_is_seen(line):
    """A watched socket that nobody reads wakes its loop without end."""
    ours, theirs = line
    theirs.send(b"x")
    await ours.fill(memoryview(bytearray(1)), 0, 1)
    theirs.send(b"unasked")
    await asyncio.sleep(0.01)
    assert not ours._watched
    assert not ours.silent
    room = memoryview(bytearray(7))
    assert await ours.fill(room, 0, 7) == 7


async def test_more_than_a_socket_takes_at_once_arrives_whole(line):
    ours, theirs = line
    data = os.urandom(5_000_000)
    theirs.setblocking(False)

    async def heard():
        got = b""
        while len(got) < len(data) + 4:
            got += await asyncio.get_running_loop().sock_recv(theirs, 2**20)
        return got

    hearing = asyncio.create_task(heard())
    await ours.send(b"head", data)
    assert await hearing == b"head" + data
    theirs.send(b"done")
    room = memoryview(bytearray(4))
    assert await ours.fill(room, 0, 4) == 4


async def test_a_reader_that_gives_up_leaves_the_line_to_the_next(line):
    ours, theirs = line
    reading = asyncio.create_task(ours.fill(memoryview(bytearray(1)), 0, 1))
    await asyncio.sleep(0.01)
    reading.cancel()
    with pytest.raises(asyncio.CancelledError):
        await reading
    theirs.send(b"x")
    assert await ours.fill(memoryview(bytearray(1)), 0, 1) == 1
