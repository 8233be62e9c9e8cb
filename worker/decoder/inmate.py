"""Inside: one picture after the other, in a process that has nothing else."""

import os

from classifier.errors import InvalidImage, TooManyPixels, UnsupportedFormat
from classifier.plain import Bytes
from classifier.preprocess import prepare
from worker.decoder import frames
from worker.decoder.frames import Kind, Order
from worker.decoder.jail import NotLocked, Terms, enter
from worker.decoder.tray import Tray

KINDS = {
    UnsupportedFormat: Kind.UNSUPPORTED,
    InvalidImage: Kind.INVALID,
    TooManyPixels: Kind.TOO_LARGE,
}


def live(line: int, tray: Tray, terms: Terms) -> None:
    """Lock this process in and work until the other end of the line is closed. Never returns.

    Args:
        line: descriptor of a stream socket.
        tray: where pictures and answers lie that are not too large for it.
        terms: what is left to this process.
    """
    try:
        _serve(line, tray, _entrance(line, terms))
    except OSError:  # nobody is there any more
        pass
    finally:
        os._exit(0)


def _entrance(line: int, terms: Terms) -> bytes:
    try:
        return frames.answer(Kind.READY, enter(terms, {line}))
    except NotLocked as error:
        return frames.answer(Kind.LOCKED_OUT, str(error))


def _serve(line: int, tray: Tray, greeting: bytes) -> None:
    _write(line, greeting)
    while head := _read(line, frames.ORDER_SIZE):
        order = Order.decode(head)
        data: Bytes | None = tray.file(order.size)
        if data is None:
            data = _read(line, order.size)
            if len(data) < order.size:
                return
        _write(line, answered(data, order, tray))


def answered(data: Bytes, order: Order, tray: Tray) -> bytes:
    """The answer to an order, but for a picture that went onto the tray."""
    try:
        picture = prepare(data, order, order.limits, tray.room(order.side))
        head = frames.head(Kind.PICTURE, picture.nbytes)
        return head if tray.serve(picture) else head + picture.tobytes()
    except (UnsupportedFormat, InvalidImage, TooManyPixels) as error:
        return frames.answer(KINDS[type(error)], str(error))
    except MemoryError:
        return frames.answer(Kind.MEMORY, "")
    except Exception as error:
        return frames.answer(Kind.FAULT, repr(error))


def _read(line: int, size: int) -> bytes:
    """So many bytes, or fewer at the end of the stream; mostly they are all there already."""
    data = os.read(line, size)
    if len(data) == size or not data:
        return data
    parts, have = [data], len(data)
    while have < size and (data := os.read(line, size - have)):
        parts.append(data)
        have += len(data)
    return b"".join(parts)


def _write(line: int, data: bytes) -> None:
    rest = memoryview(data)
    while rest:
        rest = rest[os.write(line, rest) :]
