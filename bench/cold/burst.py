"""So many requests at once, each for a picture of its own; a server that is not there yet is asked again.

For any server: what differs is how a request for a picture reads.
"""

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import fmean
from urllib.parse import quote, urlsplit

AGAIN = 0.01  # seconds until a refused connection is tried again
OK = 200

Target = Callable[[str], str]
"""From a picture's URL to path and query of the request for it."""


@dataclass(frozen=True, slots=True)
class Burst:
    """Seconds from the start of the clock to each answer with status 200, in order; `failed` got others."""

    seconds: tuple[float, ...]
    failed: int

    @property
    def first(self) -> float:
        return self.seconds[0] if self.seconds else float("nan")

    @property
    def mean(self) -> float:
        return fmean(self.seconds) if self.seconds else float("nan")

    @property
    def last(self) -> float:
        return self.seconds[-1] if self.seconds else float("nan")


def classify(picture: str) -> str:
    """How ClassifyCloud is asked."""
    return f"/classify?url={quote(picture, safe='')}"


async def fire(
    service: str,
    pictures: Sequence[str],
    began: float,
    patience: float = 120.0,
    ask: Target = classify,
) -> Burst:
    """Ask for all of them now.

    Args:
        service: its URL; it need not listen yet.
        pictures: their URLs.
        began: when the clock was started, by `time.perf_counter`.
        patience: seconds from now until those without an answer have failed.
        ask: how a request reads.
    """
    answers = await asyncio.gather(
        *(_answered(service, ask(picture), began, patience) for picture in pictures)
    )
    seconds = sorted(each for each in answers if each is not None)
    return Burst(tuple(seconds), len(answers) - len(seconds))


async def _answered(service: str, target: str, began: float, patience: float) -> float | None:
    try:
        async with asyncio.timeout(patience):
            while True:
                status = await _status(service, target)
                if status:
                    return time.perf_counter() - began if status == OK else None
                await asyncio.sleep(AGAIN)
    except TimeoutError:
        return None


async def _status(service: str, target: str) -> int:
    """Of the answer once all of it is there; 0 where nobody listens, or not any more."""
    place = urlsplit(service)
    try:
        reader, writer = await asyncio.open_connection(place.hostname, place.port)
    except OSError:
        return 0
    try:
        request = f"GET {target} HTTP/1.1\r\nHost: {place.netloc}\r\nConnection: close\r\n\r\n"
        writer.write(request.encode("ascii"))
        said = await reader.read()
    except OSError:
        return 0
    finally:
        writer.close()
    return int(said[9:12]) if said.startswith(b"HTTP/1.") else 0
