"""Pictures are decoded in a process of their own, so that one that breaks it costs a row and no task.

`python -m training.spark.bulk.decoder RECIPE` is that process: a length and a file in, a kind, a length and
either the prepared picture or a reason out. It ends with its standard input, and so with its owner.
"""

import json
import resource
import select
import signal
import struct
import subprocess
import sys
from typing import IO

import numpy as np

from classifier.manifest import Preprocessing

CRASHED, MEMORY = "decoder_crashed", 3 << 30  # bytes of address space
PATIENCE = 30.0  # seconds that a picture may take
_ORDER, _ANSWER = struct.Struct("!I"), struct.Struct("!BI")
CODES = ("", "unsupported_format", "invalid_image", "too_many_pixels", "internal")


class Refused(Exception):
    """There is no such picture to classify; `code` is one of the service's."""

    def __init__(self, code: str, reason: str) -> None:
        super().__init__(reason)
        self.code = code


class Decoder:
    """The owner's end; not for two threads at once."""

    def __init__(self, spec: Preprocessing) -> None:
        self._spec = spec
        self._process: subprocess.Popen[bytes] | None = None

    def prepare(self, data: bytes) -> np.ndarray:
        """uint8 (side, side, 3); raises Refused."""
        try:
            kind, body = self._asked(data)
        except TimeoutError as error:
            self._ended()
            raise Refused(CRASHED, str(error)) from error
        except (OSError, EOFError):
            self._ended()  # perhaps long before this picture: only a new process can tell
            kind, body = self._once_more(data)
        if kind:
            raise Refused(CODES[kind], body.decode())
        return np.frombuffer(body, np.uint8).reshape(self._spec.side, self._spec.side, 3)

    def close(self) -> None:
        """End the process."""
        self._ended()

    def _once_more(self, data: bytes) -> tuple[int, bytes]:
        try:
            return self._asked(data)
        except (OSError, EOFError) as error:
            status = self._ended()
            raise Refused(CRASHED, f"the decoder ended with status {status}") from error

    def _asked(self, data: bytes) -> tuple[int, bytes]:
        process = self._running()
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(_ORDER.pack(len(data)) + data)
        process.stdin.flush()
        ready, _, _ = select.select([process.stdout], [], [], PATIENCE)
        if not ready:
            raise TimeoutError(f"the picture takes longer than {PATIENCE:g} s to decode")
        kind, size = _ANSWER.unpack(_exactly(process.stdout, _ANSWER.size))
        return kind, _exactly(process.stdout, size)

    def _running(self) -> "subprocess.Popen[bytes]":
        if self._process is None:
            asked = [sys.executable, "-m", __name__, self._spec.model_dump_json()]
            self._process = subprocess.Popen(asked, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        return self._process

    def _ended(self) -> int:
        process, self._process = self._process, None
        if process is None:
            return 0
        process.kill()
        status = process.wait()
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                try:
                    pipe.close()
                except OSError:  # what was left to write
                    continue
        return status


def _exactly(file: IO[bytes], size: int) -> bytes:
    data = file.read(size)
    if len(data) < size:
        raise EOFError
    return data


def serve(spec: Preprocessing, orders: IO[bytes], answers: IO[bytes]) -> None:
    """Answer until there are no more orders."""
    while head := orders.read(_ORDER.size):
        kind, body = answered(_exactly(orders, *_ORDER.unpack(head)), spec)
        answers.write(_ANSWER.pack(kind, len(body)) + body)
        answers.flush()


def answered(data: bytes, spec: Preprocessing) -> tuple[int, bytes]:
    """A place in CODES, and the prepared picture or a reason."""
    from classifier import errors
    from classifier.preprocess import ImageLimits, prepare

    try:
        return 0, prepare(data, spec, ImageLimits()).tobytes()
    except errors.UnsupportedFormat as error:
        return 1, str(error).encode()
    except errors.InvalidImage as error:
        return 2, str(error).encode()
    except errors.TooManyPixels as error:
        return 3, str(error).encode()
    except Exception as error:
        return 4, repr(error)[:300].encode()


def main() -> None:
    """The process."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # sent to all at once; its owner closes the line
    spec = Preprocessing.model_validate(json.loads(sys.argv[1]))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    answers = sys.stdout.buffer
    sys.stdout = sys.stderr  # whatever a library prints is no answer
    serve(spec, sys.stdin.buffer, answers)


if __name__ == "__main__":
    main()
