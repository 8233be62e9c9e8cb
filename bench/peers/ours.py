"""Our own service among the peers: the same launch, mark and guard around `classifycloud up`."""

import asyncio
import os
import shutil
import tempfile
import time
import uuid
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

from bench.live.service import Service, service
from bench.peers.running import Place, Running, free_port, guarded
from bench.peers.tree import MARK, Tree

# Seconds, as in `bench.cold`: a service that just said it runs still has parts that start.
QUIET = 2.0


@asynccontextmanager
async def cold(place: Place, origin: str) -> AsyncIterator[Running]:
    """From the command on, as it starts by default. `origin` is the address that may be fetched."""
    async with _up(place, origin, workers=1) as (running, _):
        yield running


@asynccontextmanager
async def idle(place: Place, origin: str) -> AsyncIterator[Running]:
    """It runs without a worker; the clock starts when it does, and it may launch one."""
    async with _up(place, origin, workers=0) as (running, found):
        await found.ready(workers=0)
        await asyncio.sleep(QUIET)
        running.launched = time.perf_counter()
        yield running


@asynccontextmanager
async def warm(place: Place, origin: str) -> AsyncIterator[Running]:
    """With one worker, which has its model."""
    async with _up(place, origin, workers=1) as (running, found):
        await found.ready(workers=1)
        yield running


@asynccontextmanager
async def _up(place: Place, origin: str, workers: int) -> AsyncIterator[tuple[Running, Service]]:
    port, tree = free_port(), Tree(uuid.uuid4().hex)
    settings = {
        "models": place.bundle.parents[1],
        "model": place.bundle.parent.name,
        "fetch_allow": origin,
        "min_workers": workers,
        "max_workers": 1,
        "port": port,
    }
    async with AsyncExitStack() as stack:
        data = Path(stack.enter_context(tempfile.TemporaryDirectory())) / "data"
        _share_cache(data, place.environments / "cache" / "classifycloud")
        stack.callback(_keep_logs, data / "logs", place.logs / "classifycloud")
        stack.callback(tree.kill)  # if it did not end by itself
        os.environ[MARK] = tree.mark
        try:
            launched = time.perf_counter()
            found = await stack.enter_async_context(service(data, settings))
        finally:
            del os.environ[MARK]
        running = Running(f"http://127.0.0.1:{port}", tree, launched)
        await stack.enter_async_context(guarded(running))
        yield running, found


def _keep_logs(logs: Path, target: Path) -> None:
    if logs.exists():
        shutil.rmtree(target, ignore_errors=True)
        shutil.copytree(logs, target)


def _share_cache(data: Path, kept: Path) -> None:
    """Compiled networks outlive the data folder, as those of the peers do."""
    kept.mkdir(parents=True, exist_ok=True)
    data.mkdir()
    (data / "cache").symlink_to(kept)
