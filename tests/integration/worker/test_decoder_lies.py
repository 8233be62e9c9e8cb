"""The worker trusts nothing that comes back from a decoder."""

import asyncio
import socket

import pytest

from classifier.errors import InvalidImage
from tests.integration.decoding import COFFEE, SPEC, decoders, good
from worker.decoder.line import Line

__all__ = ["decoders"]


@pytest.mark.parametrize(
    "said",
    [
        b"",
        b"\xff" * 400,
        b"\0\0\0\x63" + b"\0\0\0\0",
        b"\0\0\0\0" + (64 * 64 * 3 - 1).to_bytes(4, "big"),
        b"\0\0\0\1" + (200).to_bytes(4, "big") + b"x" * 20_000,
        b"\0\0\0\1\xff\xff\xff\xff",
        b"\0\0\0\6\0\0\0\2ok",
    ],
    ids=["end", "noise", "kind", "short", "endless", "long", "greeting"],
)
async def test_a_decoder_that_lies_is_ended(decoders, said):
    """Its line is taken from it, and we speak in its stead."""
    liars = impersonate(decoders, said)
    pictures = await asyncio.gather(*(decoders.prepare(COFFEE, SPEC) for _ in range(2)))
    assert all(map(good, pictures))
    assert not liars & set(decoders.idle)


async def test_a_decoder_that_says_more_than_it_was_asked_gets_no_second_picture(decoders):
    liars = impersonate(decoders, b"\0\0\0\0" + (64 * 64 * 3).to_bytes(4, "big") + b"x")
    pictures = await asyncio.gather(*(decoders.prepare(COFFEE, SPEC) for _ in range(2)))
    assert all(map(good, pictures))
    assert not liars & set(decoders.idle)


def impersonate(decoders, said):
    """Whatever the idle ones are asked, this is what comes back; their processes."""
    for cell in decoders._idle:
        ours, theirs = socket.socketpair()
        ours.setblocking(False)
        cell._line.close()
        cell._line = Line(ours)
        asyncio.get_running_loop().create_task(lie(theirs, said))
    return set(decoders.idle)


async def lie(line, said):
    line.setblocking(False)
    loop = asyncio.get_running_loop()
    await loop.sock_recv(line, 1000)
    await loop.sock_sendall(line, said)
    await asyncio.sleep(0.2)
    line.close()


async def test_texts_come_back_bounded_and_printable(decoders):
    text = b"\x1b[2J<b>\n\xff" + b"y" * 290
    impersonate(decoders, b"\0\0\0\2" + len(text).to_bytes(4, "big") + text)
    with pytest.raises(InvalidImage) as caught:
        await decoders.prepare(COFFEE, SPEC)
    assert str(caught.value).startswith("?[2J<b>??yyy")
