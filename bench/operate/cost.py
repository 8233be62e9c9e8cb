"""CPU of each part of a service, in shares of a core, while something is so and while it is not."""

import time
from collections.abc import Mapping
from dataclasses import dataclass

import psutil

from bench.memory.held import part_of

SERVING = ("front end", "balancer")  # what serves the page; the store stands in for S3


@dataclass(frozen=True, slots=True)
class Meter:
    """Seconds of CPU that each part has had so far, at a time."""

    at: float
    spent: Mapping[str, float]

    @classmethod
    def read(cls) -> "Meter":
        """Of all parts below this process."""
        spent: dict[str, float] = {}
        for process in psutil.Process().children(recursive=True):
            try:
                part, times = part_of(process.cmdline()), process.cpu_times()
            except psutil.Error:
                continue
            if part is not None:
                spent[part] = spent.get(part, 0.0) + times.user + times.system
        return cls(time.monotonic(), spent)

    def since(self, before: "Meter") -> dict[str, float]:
        """Shares of a core from then to now, of the parts that were there both times."""
        passed = self.at - before.at
        return {
            part: (spent - before.spent[part]) / passed
            for part, spent in self.spent.items()
            if part in before.spent
        }
