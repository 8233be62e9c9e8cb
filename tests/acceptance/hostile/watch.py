"""The service's processes from outside: who works, how much memory they hold, who is left at the end."""

import asyncio
import contextlib
from typing import Any

import psutil

from tests.service import Service


class Processes:
    """Looks at one running service."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._workers: list[psutil.Process] = []
        self._peak = 0

    async def watch(self) -> None:
        """Remember the most that the workers known by now and their children ever held."""
        while True:
            await asyncio.sleep(0.2)
            await asyncio.to_thread(self._look)

    def now(self) -> dict[str, Any]:
        """The workers, and the bytes that they and their children hold."""
        workers = [psutil.Process(pid) for pid in self._service.pids("worker")]
        own = [process for process in workers if not _is_child(process, workers)]
        self._workers = own
        family = self._family()
        return {
            "peak": self._peak,
            "workers": sorted([p.pid, p.create_time()] for p in own),
            "bytes": sum(map(_held, family)),
            "family": len(family),
            "zombies": [p.pid for p in psutil.Process().children(True) if _zombie(p)],
        }

    def _look(self) -> None:
        self._peak = max(self._peak, sum(map(_held, self._family())))

    def _family(self) -> list[psutil.Process]:
        found: list[psutil.Process] = []
        for worker in self._workers:
            with contextlib.suppress(psutil.Error):
                found += [worker, *worker.children(recursive=True)]
        return found

    def left(self) -> list[str]:
        """Who still runs when all has ended; orphans come to this process, their reaper."""
        here = psutil.Process()
        return [repr(p) for p in here.children(recursive=True) if not _zombie(p)]


def _is_child(process: psutil.Process, workers: list[psutil.Process]) -> bool:
    return any(parent in workers for parent in process.parents())


def _held(process: psutil.Process) -> int:
    with contextlib.suppress(psutil.Error):
        return int(process.memory_info().rss)
    return 0


def _zombie(process: psutil.Process) -> bool:
    try:
        return process.status() == psutil.STATUS_ZOMBIE
    except psutil.Error:
        return False
