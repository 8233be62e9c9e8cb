"""The control: a worker that is killed while it works. What it held must be seen to come again."""

import asyncio
import os
import signal

import psutil

from bench.live.clients import Clients
from bench.live.diary import Diary
from bench.live.origin import Origin
from bench.live.witness import Witness

PATIENCE = 60.0


async def redelivered_by_a_kill(
    diary: Diary, asking: Clients, served: Origin, watched: Witness, pictures: int
) -> int:
    """Ask for so many pictures, kill a worker that fetches one; receives beyond the first.

    Raises:
        TimeoutError: no worker was seen at work within a minute.
    """
    before = watched.redelivered
    for _ in range(pictures):
        asking.ask()
    async with asyncio.timeout(PATIENCE):
        while (pid := _at_work(diary, served)) is None:  # noqa: ASYNC110  no process tells
            await asyncio.sleep(served.delay / 20)
    os.kill(pid, signal.SIGKILL)
    await asking.all_answered()
    watched.look()
    return watched.redelivered - before


def _at_work(diary: Diary, served: Origin) -> int | None:
    """The process of a worker from which the origin has a request open."""
    for event in reversed(diary.of("worker launched")):
        pid = int(event.fields["pid"])
        try:
            ports = {each.laddr.port for each in psutil.Process(pid).net_connections("tcp")}
        except psutil.Error:
            continue
        if ports & served.open:
            return pid
    return None
