"""Who spends how much CPU: every process of a service, the host of pictures and the clients, by part."""

import os
from typing import TypeAlias

import psutil

Spent: TypeAlias = dict[str, float]
"""Part -> seconds of CPU."""

PARTS = (  # the first that a command line holds
    ("worker.decoder", "decoders"),
    ("-m worker", "worker and engine"),
    ("-m api", "front end"),
    ("-m balancer", "balancer"),
    ("local.sqs", "queue"),
    ("local.storage", "store"),
    ("classifycloud up", "supervisor"),
    ("local.samples", "sample photos"),
    ("bench.throughput.pictures", "host of pictures"),
    ("py-spy", "py-spy"),
)
CLIENTS, OTHER = "clients", "other"


class Ledger:
    """Counts from now on.

    Args:
        root: whose process and descendants, by its id; this process, which is the clients, where left out.
    """

    def __init__(self, root: int | None = None) -> None:
        self._root = root
        self._before = self._now()

    def spent(self) -> Spent:
        """Since the beginning; parts that nothing was spent on are left out."""
        parts: Spent = {}
        for key, (part, seconds) in self._now().items():
            more = seconds - self._before.get(key, (part, 0.0))[1]
            if more > 0:
                parts[part] = parts.get(part, 0.0) + more
        return parts

    def _now(self) -> dict[tuple[int, float], tuple[str, float]]:
        found = {}
        root = psutil.Process(self._root)
        for process in [root, *root.children(recursive=True)]:
            try:
                times, line = process.cpu_times(), " ".join(process.cmdline())
                part = CLIENTS if process.pid == os.getpid() else part_of(line)
                found[(process.pid, process.create_time())] = (part, times.user + times.system)
            except psutil.Error:
                continue
        return found


def part_of(line: str) -> str:
    """The part that a process is, by its command line."""
    return next((part for text, part in PARTS if text in line), OTHER)
