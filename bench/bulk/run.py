"""The run: a service on a data folder of its own, one bulk job, and its parts killed meanwhile."""

import asyncio
import io
import time
import uuid
from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from bench.bulk.client import BulkClient
from bench.bulk.found import Found, judged
from bench.bulk.killing import PARTS, kill
from bench.live import color_bundle
from bench.live.service import Service, service
from bench.soak import remains
from bench.soak.beside import STORED, beside, drained
from bench.soak.pictures import Host, host

TIMEOUT = 60.0  # seconds of one request; a body of ten thousand URLs among them
CHORES = (
    "-chores",
)  # that of a job's end looks again a while after another copy of it has ended the job


@dataclass(frozen=True, slots=True)
class Terms:
    """How many pictures, and how often each part is killed; `workers` at least and at most."""

    rows: int = 10_000
    rounds: int = 2
    workers: tuple[int, int] = (2, 2)

    @property
    def victims(self) -> tuple[str, ...]:
        """In which order parts are killed."""
        return PARTS * self.rounds


@dataclass(slots=True)
class Watched:
    """What is known of the job while it runs, and what was killed."""

    done: int = 0
    kills: Counter[str] = field(default_factory=Counter)


def settings(models: Path, address: str, terms: Terms) -> dict[str, object]:
    """Of every process. A short visibility time-out brings back soon what a killed part held."""
    return {
        "models": models,
        "model": "colors",
        "fetch_allow": address,
        "min_workers": terms.workers[0],
        "max_workers": terms.workers[1],
        "tick": 1,
        "visibility": 10,
        "engine_threads": 1,
        "drain_grace": 1,
    }


async def run(data: Path, terms: Terms, told: Callable[[Mapping[str, Any]], object]) -> Found:
    """The whole run; the service is stopped whatever happens.

    Args:
        data: a new folder.
        told: told of the job as it stands, each time it is asked for.
    """
    models = data.with_name("models")
    color_bundle.write(models)
    async with AsyncExitStack() as stack:
        served = await stack.enter_async_context(host())
        given = settings(models, served.address, terms)
        running = await stack.enter_async_context(service(data, given))
        await running.ready(terms.workers[0])
        web = httpx.AsyncClient(base_url=running.url, timeout=TIMEOUT, trust_env=False)
        client = BulkClient(await stack.enter_async_context(web))
        return await _ordeal(running, served, client, terms, told)


async def _ordeal(
    running: Service,
    served: Host,
    client: BulkClient,
    terms: Terms,
    told: Callable[[Mapping[str, Any]], object],
) -> Found:
    watched = Watched()

    def heard(found: Mapping[str, Any]) -> None:
        watched.done = found["done"]
        told(found)

    began = time.monotonic()
    job = await client.submit([served.url(row) for row in range(terms.rows)], str(uuid.uuid4()))
    async with beside(_killing(running.data, terms, watched)):
        ended = await client.ended(job, heard)
        seconds = time.monotonic() - began
    lines = await client.results(job)
    table = await client.table(job) if "parquet" in ended["results"] else None
    left = await drained(running.queues, CHORES)
    await asyncio.sleep(STORED)
    records = await asyncio.to_thread(remains.records, running.storage)
    return Found(
        rows=terms.rows,
        status=ended["status"],
        **judged(terms.rows, lines),
        table_rows=None if table is None else _rows(table),
        kills=dict(watched.kills),
        kills_meant=len(terms.victims),
        visits=served.visits,
        recorded=len({line["uuid"] for line in records}),
        seconds=seconds,
        left=left,
        asked_again=client.again,
    )


async def _killing(data: Path, terms: Terms, watched: Watched) -> None:
    """Kill one part after the other, spread over the job."""
    for at, part in enumerate(terms.victims, 1):
        while watched.done < terms.rows * at / (len(terms.victims) + 1):  # noqa: ASYNC110
            await asyncio.sleep(0.05)
        await kill(data, part)
        watched.kills[part] += 1


def _rows(table: bytes) -> int:
    import pyarrow.parquet

    return int(pyarrow.parquet.read_metadata(io.BytesIO(table)).num_rows)
