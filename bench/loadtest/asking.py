"""One request from its due time to its outcome."""

import asyncio
import errno
import json
import ssl
import time

from bench.loadtest.connection import Broken, Reply
from bench.loadtest.lines import Lines
from bench.loadtest.outcome import OK, Outcome

AGAIN = (429, 503)
LONGEST = 3600.0  # seconds; no Retry-After is believed beyond that
EXHAUSTED = (errno.EMFILE, errno.ENFILE, errno.EADDRNOTAVAIL, errno.ENOBUFS)


class Asker:
    """Asks, and says what became of it.

    Args:
        lines: to the service.
        patience: seconds that a try may take from its sending.
        retries: how often it asks again where an answer names a Retry-After; it waits as told.
        began: when the run began, by `time.perf_counter`.
    """

    def __init__(self, lines: Lines, patience: float, retries: int, began: float) -> None:
        self._lines = lines
        self._patience = patience
        self._retries = retries
        self._began = began

    async def ask(self, picture: str, due: float) -> Outcome:
        """The outcome of a request that should have been sent `due` seconds after the beginning."""
        late = time.perf_counter() - self._began - due
        tries = 1
        while True:
            reply, code = await self._try(picture)
            pause = _retry_after(reply)
            if pause is None or tries > self._retries:
                break
            tries += 1
            await asyncio.sleep(pause)
        took = time.perf_counter() - self._began - due
        cached = False
        if reply is not None:
            code, cached = verdict(reply)
        return Outcome(due, took, code, late, cached, tries)

    async def _try(self, picture: str) -> tuple[Reply | None, str]:
        try:
            async with asyncio.timeout(self._patience):
                return await self._lines.classify(picture), ""
        except (TimeoutError, Broken, OSError) as error:
            return None, told(error)


def told(error: Exception) -> str:
    """The client's code for what kept it from an answer."""
    match error:
        # TimeoutError is an OSError too, and so is an SSLError.
        case TimeoutError() if error.errno is None:
            return "no_answer"
        case Broken() | ConnectionResetError() | BrokenPipeError():
            return "broken_connection"
        case ssl.SSLError():
            return "no_tls"
        case OSError() if error.errno in EXHAUSTED:
            return "client_exhausted"
    return "no_connection"


def verdict(reply: Reply) -> tuple[str, bool]:
    """Code of an answer, and whether it was cached; one without a label is none, whatever its status."""
    try:
        body = json.loads(reply.body)
    except ValueError:
        body = None
    if not isinstance(body, dict):
        return f"http_{reply.status}", False
    error = body.get("error")
    if isinstance(error, dict) and isinstance(error.get("code"), str):
        return error["code"], False
    result = body.get("result")
    if reply.status == 200 and isinstance(result, str) and result:
        return OK, body.get("cached") is True
    return f"http_{reply.status}", False


def _retry_after(reply: Reply | None) -> float | None:
    """Seconds to wait before the next try, None when there is to be none."""
    if reply is None or reply.status not in AGAIN:
        return None
    text = reply.retry_after
    return min(float(text), LONGEST) if text.isascii() and text.isdigit() else None
