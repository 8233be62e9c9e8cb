"""The run: a service on a data folder of its own, clients, and what is done to it meanwhile."""

import asyncio
import json
import time
from collections import Counter
from collections.abc import Callable
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass
from pathlib import Path

import httpx

from bench.live import color_bundle
from bench.live.service import Service, service
from bench.live.witness import Witness, watching
from bench.soak import harm, remains
from bench.soak.client import Asked, Clients
from bench.soak.found import Found, books, latency
from bench.soak.pictures import Host, host

SETTLING = 180.0  # seconds for the queues to run empty, with time-outs, after the last verdict
STORED = 2.0  # seconds; a record is stored up to one second after its answer
HTTP_PATIENCE = 150.0  # the service's own wait is 120 s


@dataclass(frozen=True, slots=True)
class Terms:
    """How long and how hard. `every` is in seconds between kills; `restarts` of the front end."""

    jobs: int = 10_000
    at_once: int = 64
    every: float = 5.0
    restarts: int = 2
    workers: tuple[int, int] = (2, 4)


def settings(models: Path, address: str, terms: Terms) -> dict[str, object]:
    """Of every process. A short visibility time-out brings back soon what a killed worker held."""
    return {
        "models": models,
        "model": "colors",
        "fetch_allow": address,
        "min_workers": terms.workers[0],
        "max_workers": terms.workers[1],
        "tick": 1,
        "visibility": 10,
        "prefetch": 10,
        "engine_threads": 1,
        "drain_grace": 1,
    }


async def soak(data: Path, terms: Terms, done: Callable[[Asked], object]) -> Found:
    """The whole run; the service is stopped whatever happens.

    Args:
        data: a new folder.
        done: told of each client that has its verdict.
    """
    models, faults = data.with_name("models"), data.with_name("faults.json")
    color_bundle.write(models)
    faults.write_text(json.dumps({"seed": 0}))
    async with AsyncExitStack() as stack:
        served = await stack.enter_async_context(host())
        given = settings(models, served.address, terms)
        options = ("--faults", str(faults))
        running = await stack.enter_async_context(service(data, given, options=options))
        await running.ready(terms.workers[0])
        found = await _ordeal(running, served, terms, done)
    return found(len(harm.strays(data)))


async def _ordeal(
    running: Service, served: Host, terms: Terms, done: Callable[[Asked], object]
) -> Callable[[int], Found]:
    endpoints = [running.queues, running.storage]
    killer, witness = harm.Killer(running.data, terms.every), Witness(running.queue_file)
    limits = httpx.Limits(max_connections=None, max_keepalive_connections=terms.at_once)
    async with httpx.AsyncClient(
        base_url=running.url, timeout=HTTP_PATIENCE, limits=limits, trust_env=False
    ) as http:
        clients, began = Clients(http, served, done), time.monotonic()
        await harm.begin(endpoints)
        async with watching(witness):
            hurting = [
                asyncio.create_task(killer.run()),
                asyncio.create_task(_restart(running.data, clients, terms)),
            ]
            try:
                await clients.all(range(terms.jobs), terms.at_once)
            finally:
                for task in hurting:
                    task.cancel()
            seconds = time.monotonic() - began
            hit = await harm.end(endpoints)
            left = await _drained(running)
    await asyncio.sleep(STORED)
    kept = await asyncio.to_thread(remains.records, running.storage)
    results = await asyncio.to_thread(remains.results, running.storage)
    p50, p99 = latency(clients.asked)
    workers = len(harm.workers(running.data))
    return lambda strays: Found(
        jobs=terms.jobs,
        seconds=seconds,
        books=books(clients.asked, kept, results),
        met=dict(sum((each.met for each in clients.asked), Counter[str]())),
        p50=p50,
        p99=p99,
        faults=hit,
        kills=killer.kills,
        restarts=terms.restarts,
        redelivered=witness.redelivered,
        left=left,
        workers=workers,
        most_workers=max(killer.most, workers),
        bounds=terms.workers,
        strays=strays,
    )


async def _restart(data: Path, clients: Clients, terms: Terms) -> None:
    """Stop the front end when the run is a third through, two thirds through, and so on."""
    for at in range(1, terms.restarts + 1):
        while len(clients.asked) < terms.jobs * at / (terms.restarts + 1):  # noqa: ASYNC110
            await asyncio.sleep(0.1)
        harm.stop_front_end(data)


async def _drained(running: Service) -> dict[str, int]:
    """Wait for empty queues; what is left in them when that takes too long."""
    left: dict[str, int] = {}
    with suppress(TimeoutError):
        async with asyncio.timeout(SETTLING):
            while left := await asyncio.to_thread(remains.left, running.queues):  # noqa: ASYNC110
                await asyncio.sleep(1)
    return left
