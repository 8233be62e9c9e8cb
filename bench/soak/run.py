"""The run: a service on a data folder of its own, clients, and what is done to it meanwhile."""

import asyncio
import json
import time
from collections import Counter
from collections.abc import Callable, Coroutine
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from bench.live import color_bundle
from bench.live.service import Service, service
from bench.live.watching import watching
from bench.live.witness import Witness
from bench.soak import harm, remains
from bench.soak.beside import STORED, beside, drained
from bench.soak.census import Census, workers
from bench.soak.client import PATIENCE, Asked, Clients
from bench.soak.found import Found, books, latency
from bench.soak.front_end import FrontEnd
from bench.soak.pictures import Host, host

HTTP_PATIENCE = 150.0  # the service's own wait is 120 s


@dataclass(frozen=True, slots=True)
class Terms:
    """How long and how hard. `every` is in seconds between kills; `restarts` of the front end;
    `patience` in seconds of a client before it gives up."""

    jobs: int = 10_000
    at_once: int = 64
    every: float = 5.0
    restarts: int = 2
    workers: tuple[int, int] = (2, 4)
    patience: float = PATIENCE


def settings(models: Path, address: str, terms: Terms) -> dict[str, object]:
    """Of every process. A short visibility time-out brings back soon what a killed worker held.

    A replica's word that it has stopped may be lost with the balancer's receive, and then silence tells:
    that must be over within `SETTLING`, or its late answers are still in its queue.
    """
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
        "heartbeat": 5,
        "reap_after": 60,
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
    census = Census(data)
    async with watching(census), AsyncExitStack() as stack:
        served = await stack.enter_async_context(host())
        given = settings(models, served.address, terms)
        options = ("--faults", str(faults))
        running = await stack.enter_async_context(service(data, given, options=options))
        await running.ready(terms.workers[0])
        found = await _ordeal(running, served, terms, census, done)
    return found(len(await census.left()))


async def _ordeal(
    running: Service, served: Host, terms: Terms, census: Census, done: Callable[[Asked], object]
) -> Callable[[int], Found]:
    endpoints = [running.queues, running.storage]
    killer, witness = harm.Killer(running.data, terms.every), Witness(running.queue_file)
    front_end = FrontEnd(running.data)
    limits = httpx.Limits(max_connections=None, max_keepalive_connections=terms.at_once)
    async with httpx.AsyncClient(
        base_url=running.url, timeout=HTTP_PATIENCE, limits=limits, trust_env=False
    ) as http:
        clients = Clients(http, served, done, terms.patience)
        began = time.monotonic()
        await harm.begin(endpoints)
        async with watching(witness):
            async with beside(killer.run()):
                await _together(
                    clients.all(range(terms.jobs), terms.at_once),
                    _restart(front_end, clients, terms),
                )
            seconds = time.monotonic() - began
            hits = await harm.end(endpoints)
            left = await drained(running.queues)
    await asyncio.sleep(STORED)
    kept = await asyncio.to_thread(remains.records, running.storage)
    results = await asyncio.to_thread(remains.results, running.storage)
    p50, p99 = latency(clients.asked)
    at_end = len(workers(running.data))
    return lambda strays: Found(
        jobs=terms.jobs,
        seconds=seconds,
        books=books(clients.asked, kept, results),
        met=dict(sum((each.met for each in clients.asked), Counter[str]())),
        p50=p50,
        p99=p99,
        faults=hits.counted,
        expected=hits.expected,
        kills=killer.kills,
        restarts=front_end.restarts,
        restarts_asked=terms.restarts,
        redelivered=witness.redelivered,
        left=left,
        workers=at_end,
        most_workers=max(census.most, at_end),
        bounds=terms.workers,
        strays=strays,
    )


async def _together(*works: Coroutine[Any, Any, None]) -> None:
    """Do all; the first that fails ends the others, and its error is raised."""
    try:
        async with asyncio.TaskGroup() as group:
            for work in works:
                group.create_task(work)
    except ExceptionGroup as several:
        raise several.exceptions[0] from None


async def _restart(front_end: FrontEnd, clients: Clients, terms: Terms) -> None:
    """Restart the front end when the run is a third through, two thirds through, and so on."""
    for at in range(1, terms.restarts + 1):
        while len(clients.asked) < terms.jobs * at / (terms.restarts + 1):  # noqa: ASYNC110
            await asyncio.sleep(0.1)
        await front_end.restart()
