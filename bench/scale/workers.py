"""The whole service with one worker, with two: pictures a second, CPU and calls of each."""

import asyncio
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

from bench.live.line import opened
from bench.live.service import service
from bench.scale.calls import Counts
from bench.scale.window import Window, quietest
from bench.throughput import pictures

WARMING = 3.0  # seconds


class Clients:
    """So many that each ask anew as soon as they are answered; no picture twice."""

    def __init__(self, url: str, origin: pictures.Origin, count: int) -> None:
        self._url = url
        self._origin = origin
        self._asking = [asyncio.create_task(self._one()) for _ in range(count)]
        self.answered = self.failed = 0

    async def end(self) -> None:
        """Everybody leaves, answered or not."""
        for task in self._asking:
            task.cancel()
        ended = await asyncio.gather(*self._asking, return_exceptions=True)
        for each in ended:
            if isinstance(each, Exception):
                raise each

    async def _one(self) -> None:
        line = await opened(self._url, {})
        try:
            while True:
                reply = await line.classify(self._origin.next())
                if reply.status == 200:
                    self.answered += 1
                else:
                    self.failed += 1
        finally:
            line.close()


async def by_workers(
    settings: dict[str, object],
    photos: Path | None,
    counts: Sequence[int],
    clients: int,
    seconds: float,
    told: Callable[[str], object],
) -> dict[int, Window]:
    """A window with each number of workers; arguments as of `bench.scale.depth.by_depth`.

    Raises:
        RuntimeError: requests failed.
    """
    found = {}
    for count in counts:
        told(f"{count} workers")
        with tempfile.TemporaryDirectory() as folder, pictures.served(photos) as origin:
            given = settings | {"fetch_allow": origin.address}
            given |= {"min_workers": count, "max_workers": count}
            async with service(Path(folder) / "data", given) as running:
                await running.ready(workers=count)
                asking = Clients(running.url, origin, clients)
                try:
                    await asyncio.sleep(WARMING)
                    found[count] = await quietest(
                        lambda at=asking: at.answered,  # type: ignore[misc]
                        lambda at=running: Counts(at),  # type: ignore[misc]
                        seconds,
                    )
                finally:
                    await asking.end()
                if asking.failed:
                    raise RuntimeError(f"{asking.failed} requests failed with {count} workers")
    return found
