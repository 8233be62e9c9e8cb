"""What the parts of a service hold now at least, resident; see `bench.memory.pages`."""

from collections.abc import Mapping, Sequence

import psutil

from bench.memory import pages

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
    found: dict[str, list[pages.Held]] = {}
    for process in psutil.Process().children(recursive=True):
        try:
            part = part_of(process.cmdline())
            if part is not None:
                found.setdefault(part, []).append(pages.of(process.pid))
        except (psutil.Error, OSError):
            continue
    return summed(found)


def part_of(words: Sequence[str]) -> str | None:
    """Which part of the service has this command line; None: none of them."""
    line = " ".join(words)
    return next((part for text, part in PARTS if text in line), None)


def summed(found: Mapping[str, Sequence[pages.Held]]) -> dict[str, float]:
    """MiB, with the sums that limits are set for, each where at least one of its parts is there."""
    groups = dict(found)
    for name, parts in SUMS.items():
        if not found.keys().isdisjoint(parts):
            groups[name] = [each for part in parts for each in found.get(part, ())]
    return {name: pages.together(each) / MEBI for name, each in groups.items()}
