"""Workers as processes of this machine. They outlive a killed balancer, and the next one adopts them."""

import asyncio
import fcntl
import os
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from uuid import uuid4

from balancer.fleet import FleetWorker, Order
from balancer.fleets.records import ID_VARIABLE, Record, Records, located, of_process
from balancer.fleets.stopping import ask, force, stop_all
from wire import log

_log = log.get(__name__)

OPERATOR = "operator"  # file in the folder: what the operator said last, for the first workers
# -P, because -m alone would run a `worker` of the current folder's first.
WORKER = (sys.executable, "-P", "-m", "worker")
# Seconds after its grace in which a worker lets go of what it holds, and in which its reports may hang:
# test_process_fleet_close.py adds them up. One killed amid that keeps its messages hidden.
LETTING_GO = 40.0


class FolderInUse(Exception):
    """Another balancer runs on this folder."""


class ProcessFleet:
    """Satisfies `balancer.fleet.Fleet`.

    Args:
        folder: where a file a worker is kept.
        stop_grace: seconds that workers have to finish when the fleet is closed.
        command: what is started as a worker.
        clock: monotonic seconds.
        letting_go: seconds that they have after it, until they are killed.

    Raises:
        FolderInUse: another balancer has this folder.
    """

    def __init__(
        self,
        folder: Path,
        stop_grace: float,
        command: Sequence[str] = WORKER,
        clock: Callable[[], float] = time.monotonic,
        letting_go: float = LETTING_GO,
    ) -> None:
        self._records = Records(folder)
        self._lock = _locked(folder)
        self._closing = stop_grace + letting_go
        self._command = list(command)
        self._clock = clock
        self._children: dict[str, subprocess.Popen[bytes]] = {}
        self._ends: dict[str, float] = {}
        self._known = {record.id: record for record in self._records.all()}
        if self._known:
            self._settle()
            _log.info("workers adopted", workers=sorted(self._known))

    async def workers(self) -> list[FleetWorker]:
        self._settle()
        return [
            FleetWorker(record.id, record.launched_at, ending=record.id in self._ends)
            for record in self._known.values()
        ]

    async def launch(self, order: Order) -> int:
        for _ in range(order.count):
            self._start(Record(f"w-{uuid4().hex[:12]}", time.time()))
        return order.count

    async def end(self, worker: str, grace: float) -> None:
        if worker in self._known and worker not in self._ends:
            self._ends[worker] = self._clock() + grace
            ask(self._known[worker])

    async def spare(self, worker: str) -> bool:
        # Nobody takes a signal back: it finishes what it holds and goes.
        return worker not in self._ends

    async def tend(self, order: Order) -> None:  # noqa: ARG002
        self._settle()
        for worker, due in self._ends.items():
            if self._clock() >= due:
                force(self._known[worker])

    async def close(self) -> None:
        self._settle()
        await asyncio.to_thread(stop_all, list(self._known.values()), self._closing, self._reap)
        self._settle()
        os.close(self._lock)

    def _start(self, record: Record) -> None:
        self._records.write(record)
        try:
            child = self._spawned(record)
        except OSError:
            self._records.remove(record.id)
            raise
        self._children[record.id] = child
        self._known[record.id] = of_process(record, child.pid)
        self._records.write(self._known[record.id])
        _log.info("worker launched", worker=record.id, pid=child.pid)

    def _spawned(self, record: Record) -> subprocess.Popen[bytes]:
        # A session of its own: Ctrl-C in the terminal must reach the balancer first, which lets the
        # workers finish.
        return subprocess.Popen(  # noqa: S603
            self._command,
            env={**os.environ, ID_VARIABLE: record.id},
            stdin=subprocess.DEVNULL,
            start_new_session=True,
        )

    def _settle(self) -> None:
        """Reap children that ended and forget every worker whose process is gone."""
        self._reap()
        for record in list(self._known.values()):
            child = self._children.get(record.id)
            found = located(record) if child is None or child.returncode is None else None
            if found is not None:
                self._known[record.id] = found
            else:
                self._forget(record)

    def _reap(self) -> None:
        for child in self._children.values():
            child.poll()

    def _forget(self, record: Record) -> None:
        child = self._children.pop(record.id, None)
        # It may have ended since the children were reaped.
        code = child and child.poll()
        _log.info("worker exited", worker=record.id, pid=record.pid, code=code)
        self._known.pop(record.id)
        self._ends.pop(record.id, None)
        self._records.remove(record.id)


def _locked(folder: Path) -> int:
    """Hold the folder until this process ends, however it ends."""
    handle = os.open(folder / "lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        os.close(handle)
        raise FolderInUse(
            f"another balancer runs on {folder}: stop it, or set CLASSIFYCLOUD_FLEET_DIR"
        ) from error
    return handle
