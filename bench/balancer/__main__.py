"""`python -m bench.balancer`: CPU and calls of a whole balancer process at 10 to 10 000 workers.

The balancer is the real one with FLEET=ec2, over the local SQS and S3 endpoints, each behind a proxy
that counts calls, and an EC2 that shows so many running instances, in pages as large as EC2's. The
workers are nothing but their reports: one in 30 s from each, sent to the endpoint past the proxy.
Before that, `python -m balancer.planning` times the policies alone.
"""

import asyncio
import json
import subprocess
import sys
import tempfile
import time
from collections import Counter
from contextlib import AsyncExitStack
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Annotated

import httpx
import psutil
import typer

from bench.balancer import instances
from bench.balancer.account import Account, account
from bench.balancer.counter import Proxy, counting
from bench.balancer.figures import ALLOWED_MS, Cost, Planning, planning_table, slowest, table
from bench.balancer.processes import endpoint, running
from bench.balancer.staff import Staff
from bench.live.diary import Diary

DEPLOYMENT = "bench"
HEARTBEAT = 30.0
PATIENCE = 600.0  # seconds for some ticks
SETTLING = 5  # ticks before the measuring: imports, first connections, everybody's first report
LAUNCHED = "2026-01-01T00:00:00.000Z"


@dataclass(frozen=True, slots=True)
class Case:
    """What is measured: so many workers, for so many ticks that are `tick` seconds apart."""

    workers: int
    ticks: int
    tick: float
    policy: str


def environment(case: Case, folder: Path, queues: str, store: str, ec2: str) -> dict[str, str]:
    """Of a balancer that has exactly the workers it wants, so that nothing but looking is measured."""
    settings = {
        "deployment": DEPLOYMENT,
        "fleet": "ec2",
        "policy": case.policy,
        "ec2_template": "lt-0123456789abcdef0",
        "min_workers": case.workers,
        "max_workers": case.workers,
        "tick": case.tick,
        "heartbeat": HEARTBEAT,
        "fleet_dir": folder / "fleet",
    }
    named = {f"CLASSIFYCLOUD_{name.upper()}": str(value) for name, value in settings.items()}
    return named | {
        "AWS_ENDPOINT_URL_SQS": queues,
        "AWS_ENDPOINT_URL_S3": store,
        "AWS_ENDPOINT_URL_CLOUDWATCH": store,
        "AWS_ENDPOINT_URL_EC2": ec2,
        "AWS_ACCESS_KEY_ID": "local",
        "AWS_SECRET_ACCESS_KEY": "local",
        "AWS_REGION": "us-east-1",
        "AWS_EC2_METADATA_DISABLED": "true",
    }


async def measure(case: Case, folder: Path) -> Cost:
    """One size, with data and logs in `folder`."""
    pages = instances.pages(case.workers, DEPLOYMENT, LAUNCHED)
    ids = [instances.name(number) for number in range(case.workers)]
    async with AsyncExitStack() as stack:
        sqs = stack.enter_context(endpoint(folder, "local.sqs"))
        storage = stack.enter_context(endpoint(folder, "local.storage"))
        fleet = await stack.enter_async_context(account(pages))
        queues = await stack.enter_async_context(counting(sqs))
        store = await stack.enter_async_context(counting(storage))
        await _make_bucket(storage)
        given = environment(case, folder, queues.url, store.url, fleet.url)
        log = folder / "balancer.log"
        process = stack.enter_context(running(log, "balancer", environment=given))
        diary = Diary(log)
        await _ticked(diary, 1)
        staff = Staff(f"http://127.0.0.1:{sqs}", f"{DEPLOYMENT}-reports", ids, HEARTBEAT)
        await staff.all_ready()
        reporting = asyncio.create_task(staff.run())
        try:
            return await _measured(case, process.pid, diary, staff, (queues, store, fleet))
        finally:
            reporting.cancel()


async def _measured(
    case: Case, pid: int, diary: Diary, staff: Staff, servers: tuple[Proxy, Proxy, Account]
) -> Cost:
    await _ticked(diary, len(diary.of("tick")) + SETTLING)
    first, sent = len(diary.of("tick")), staff.sent
    before = sum((server.calls for server in servers), Counter[str]())
    began, used = time.monotonic(), _cpu(pid)
    await _ticked(diary, first + case.ticks)
    cpu, seconds = _cpu(pid) - used, time.monotonic() - began
    calls = sum((server.calls for server in servers), Counter[str]()) - before
    told = diary.of("tick")[first - 1 :]
    longest = max(after.at - each.at for each, after in pairwise(told))
    # A balancer that misses its beat has fewer ticks in the same time: the time is what counts.
    beats = max(1, round(seconds / case.tick))
    seen = int(told[-1].fields["workers"])
    reports = staff.sent - sent
    return Cost(case.workers, seen, beats, case.tick, cpu, longest, dict(calls), reports)


def _cpu(pid: int) -> float:
    times = psutil.Process(pid).cpu_times()
    return float(times.user + times.system)


async def _ticked(diary: Diary, count: int) -> None:
    async with asyncio.timeout(PATIENCE):
        while len(diary.of("tick")) < count:  # noqa: ASYNC110  the log is all that tells
            await asyncio.sleep(0.05)


async def _make_bucket(port: int) -> None:
    async with httpx.AsyncClient(trust_env=False) as http:
        (await http.put(f"http://127.0.0.1:{port}/classifycloud")).raise_for_status()


def thought(workers: int) -> Planning:
    """What `python -m balancer.planning` says for so many workers.

    Raises:
        CalledProcessError: it failed.
    """
    run = subprocess.run(
        [sys.executable, "-P", "-m", "balancer.planning", "--json", f"--workers={workers}"],
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    found: Planning = json.loads(run.stdout)
    return found


def main(
    workers: Annotated[list[int], typer.Option(help="sizes to measure")] = [10, 1_000, 10_000],  # noqa: B006
    ticks: Annotated[int, typer.Option(min=1, help="ticks to measure at each size")] = 12,
    tick: Annotated[float, typer.Option(min=0.5, help="seconds between ticks")] = 5.0,
    policy: Annotated[str, typer.Option(help="scaling policy")] = "criterion",
    as_json: Annotated[bool, typer.Option("--json", help="figures as JSON")] = False,
) -> None:
    """What a balancer costs."""
    alone = thought(max(workers))
    costs = []
    for size in workers:
        with tempfile.TemporaryDirectory(prefix="bench-balancer-") as folder:
            print(f"{size} workers ...", file=sys.stderr)
            costs.append(asyncio.run(measure(Case(size, ticks, tick, policy), Path(folder))))
    if as_json:
        print(json.dumps({"planning": alone, "costs": [cost.as_json() for cost in costs]}))
    else:
        print(f"{planning_table(alone, max(workers))}\n\n{table(costs)}")
    raise typer.Exit(0 if slowest(alone) < ALLOWED_MS else 1)


if __name__ == "__main__":
    typer.run(main)
