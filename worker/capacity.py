"""How much a worker takes on at once, derived from the cores it may use; a setting overrides each figure.

cores | engine threads | decoders | fetchers | prefetch
0.5   | 1              | 2        | 16       | 40
1     | 1              | 2        | 16       | 40
1.5   | 1              | 2        | 16       | 40
2     | 2              | 2        | 16       | 40
4     | 4              | 4        | 32       | 80
16    | 16             | 16       | 128      | 320
64    | 64             | 32       | 128      | 400
"""

import math
from dataclasses import dataclass

from wire.settings import WorkerSettings
from worker.shift import CALL

DECODERS = (
    2,
    32,
)  # one large picture must not hold up the others; 32 feed the fastest network there is
FETCHERS = (
    16,
    128,
)  # of them `FETCHED` a core: a core answers up to 150 a second, a fetch takes some 50 ms
FETCHED = 8
PREFETCH = (
    40,
    400,
)  # of them `HELD` a core: what the engine has in hand, twice, and as much on its way
HELD = 20
ENOUGH = 2.0  # seconds of work; what comes behind it is served sooner by another worker


@dataclass(frozen=True, slots=True)
class Capacity:
    """Threads, processes and pictures at once. `why` says of each where it comes from."""

    engine_threads: int
    decoders: int
    fetchers: int
    prefetch: int
    why: dict[str, str]


def capacity(cores: float, settings: WorkerSettings) -> Capacity:
    """What so many usable cores bear, the table above, but for what is set."""
    derived = {
        "engine_threads": max(1, math.floor(cores)),
        "decoders": _within(DECODERS, math.floor(cores)),
        "fetchers": _within(FETCHERS, math.floor(FETCHED * cores)),
        "prefetch": _within(PREFETCH, math.floor(HELD * cores)),
    }
    chosen = {name: getattr(settings, name) for name in derived}
    figures = {name: chosen[name] or derived[name] for name in derived}
    why = {"cores": f"{cores:g}"} | {
        name: f"{figure} ({'set' if chosen[name] else 'derived'})"
        for name, figure in figures.items()
    }
    return Capacity(**figures, why=why)


def appetite(pace: float | None, most: int, in_work: int) -> int:
    """Messages that a worker should hold.

    More than it works in a little while would wait in its hands while others are idle. Fewer than its stages
    have in work at once, and the next call brings, would leave them idle: behind slow hosts the pace is that
    of the fetchers, and a hold that followed it down would take it further down.

    Args:
        pace: pictures a second at full load; None until that is known.
        most: `Capacity.prefetch`.
        in_work: pictures that are in work when all fetchers, all decoders and the whole engine are.
    """
    wanted = most if pace is None else max(in_work + CALL, math.ceil(ENOUGH * pace))
    return max(1, min(most, wanted))


def _within(bounds: tuple[int, int], figure: int) -> int:
    low, high = bounds
    return max(low, min(high, figure))
