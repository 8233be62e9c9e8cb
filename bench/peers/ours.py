"""Our own service among the peers: the same launch, mark and guard around `classifycloud up`."""

import os
import tempfile
import time
import uuid
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

from bench.live.service import Service, service
from bench.peers.running import Running, free_port, guarded
from bench.peers.tree import MARK, Tree


@asynccontextmanager
async def cold(bundle: Path, origin: str) -> AsyncIterator[Running]:
    """As it starts with no worker; one may be launched. `origin` is the address that may be fetched."""
    async with _up(bundle, origin, workers=0) as (running, _):
        yield running


@asynccontextmanager
async def warm(bundle: Path, origin: str) -> AsyncIterator[Running]:
    """With one worker, which has its model."""
    async with _up(bundle, origin, workers=1) as (running, found):
        await found.ready(workers=1)
        yield running


@asynccontextmanager
async def _up(bundle: Path, origin: str, workers: int) -> AsyncIterator[tuple[Running, Service]]:
    port, tree = free_port(), Tree(uuid.uuid4().hex)
    settings = {
        "models": bundle.parents[1],
        "model": bundle.parent.name,
        "fetch_allow": origin,
        "min_workers": workers,
        "max_workers": 1,
        "port": port,
    }
    async with AsyncExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory())
        stack.callback(tree.kill)  # if it did not end by itself
        os.environ[MARK] = tree.mark
        try:
            launched = time.perf_counter()
            found = await stack.enter_async_context(service(Path(folder) / "data", settings))
        finally:
            del os.environ[MARK]
        running = Running(f"http://127.0.0.1:{port}", tree, launched)
        await stack.enter_async_context(guarded(running))
        yield running, found
