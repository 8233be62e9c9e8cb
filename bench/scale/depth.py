"""One worker's throughput, CPU and calls with ever more messages waiting."""

import asyncio
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from statistics import median

from bench.live.service import service
from bench.scale.backlog import Backlog
from bench.scale.calls import Counts
from bench.scale.window import QUIET, Window, typical
from bench.throughput import pictures
from wire.names import QueueNames

WITHIN = 0.10
ASTRAY = 20  # messages, or WITHIN of the depth: by how much what waits may miss it
WARMING = 10.0  # seconds of work before the first window: a size of batch costs more when it is new
SETTLING = (
    5.0  # seconds after a filling, in which the queue writes what came from its log to its file
)

Told = Callable[[str], object]


async def by_depth(
    settings: dict[str, object],
    photos: Path | None,
    depths: Sequence[int],
    seconds: float,
    told: Told,
) -> dict[int, Window]:
    """The typical window at each depth, in ascending order, of one worker.

    A depth is kept while it is measured: what is answered is sent anew. There is one worker, and no other is
    launched.

    Args:
        settings: of the service.
        photos: folder of JPEGs.
        depths: messages that wait.
        seconds: of each window.
        told: what is done now.

    Raises:
        RuntimeError: answers are errors, or the queue has gone.
    """
    found = {}
    with tempfile.TemporaryDirectory() as folder, pictures.served(photos) as origin:
        # The answers' queue has no replica behind it: the balancer must not take it away.
        given = settings | {"fetch_allow": origin.address, "reap_after": 36_000}
        given |= {"min_workers": 1, "max_workers": 1}
        async with service(Path(folder) / "data", given) as running:
            await running.ready(workers=1)
            backlog = Backlog(running.queues, QueueNames("classifycloud"), origin)
            backlog.start()
            try:
                await asyncio.to_thread(backlog.fill, min(depths))
                await asyncio.sleep(WARMING)
                for depth in sorted(depths):
                    told(f"filling to {depth:,}")
                    await asyncio.to_thread(backlog.fill, depth)
                    await asyncio.sleep(SETTLING)
                    told(f"measuring at {depth:,}")
                    found[depth] = await typical(
                        lambda: backlog.answered,
                        lambda: Counts(running, backlog.calls),
                        seconds,
                        backlog.waiting,
                    )
                    backlog.check()
            finally:
                await asyncio.to_thread(backlog.stop)
    return found


def disturbed(found: Mapping[int, Window]) -> bool:
    """Whether others took the machine meanwhile: pictures a second tell nothing of the service then."""
    return any(window.foreign > QUIET for window in found.values())


def flat(found: Mapping[int, Window]) -> bool:
    """Whether every depth is within a tenth of the median over all depths.

    In throughput; in CPU a picture where others disturbed, for what one saturated core does in a second is
    its inverse. Not of one depth: a single window that went wrong would judge all others.
    """

    def figure(window: Window) -> float:
        return window.service_ms if disturbed(found) else window.per_second

    usual = median(figure(window) for window in found.values())
    return all(abs(figure(window) / usual - 1) <= WITHIN for window in found.values())


def astray(found: Mapping[int, Window]) -> list[int]:
    """Depths that were not kept: what waited, in the median of the queue's own counts, is not about that.

    A queue that was empty in the median let the worker starve, whatever its depth is called.
    """
    return [depth for depth, window in sorted(found.items()) if not _kept(depth, window)]


def _kept(depth: int, window: Window) -> bool:
    waited = median(window.waiting) if window.waiting else 0
    return waited > 0 and abs(waited - depth) <= max(ASTRAY, WITHIN * depth)
