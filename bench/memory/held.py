"""What the processes of a service hold now: proportional set size, so that a shared page counts once."""

from collections.abc import Mapping, Sequence

import psutil

MEBI = 2**20
PARTS = (  # the first that a command line holds
    ("worker.decoder", "decoders"),
    ("-m worker", "worker alone"),
    ("-m api", "front end"),
    ("-m balancer", "balancer"),
    ("local.sqs", "queue"),
    ("local.storage", "store"),
    ("local.samples", "sample photos"),
    ("classifycloud up", "supervisor"),
)
SUMS: Mapping[str, Sequence[str]] = {
    "worker": ("worker alone", "decoders"),
    "local endpoint": ("queue", "store"),
}


def held() -> dict[str, float]:
    """Part of the service -> MiB, all of its processes together; below the process that asks."""
    found: dict[str, float] = {}
    for process in psutil.Process().children(recursive=True):
        try:
            part = part_of(process.cmdline())
            if part is not None:
                size = process.memory_full_info().pss / MEBI
                found[part] = found.get(part, 0.0) + size
        except psutil.Error:
            continue
    return summed(found)


def part_of(words: Sequence[str]) -> str | None:
    """Which part of the service has this command line; None: none of them."""
    line = " ".join(words)
    return next((part for text, part in PARTS if text in line), None)


def summed(found: Mapping[str, float]) -> dict[str, float]:
    """With the sums that limits are set for, each where at least one of its parts is there."""
    sums = {
        name: sum(found.get(part, 0.0) for part in parts)
        for name, parts in SUMS.items()
        if not found.keys().isdisjoint(parts)
    }
    return {**found, **sums}
