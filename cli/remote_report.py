"""Runs as a table."""

import time
from collections.abc import Mapping, Sequence
from typing import Any

from deploy.remote.cluster import EMR
from deploy.remote.machine import Machine
from deploy.remote.mailbox import End
from deploy.remote.name import Run
from wire.prices import listed

Told = Mapping[str, tuple[Run, End | None]]


def rows(machines: Sequence[Machine], told: Told, now: float) -> list[dict[str, Any]]:
    """What is known of each run: from its instance, and from its objects.

    Args:
        told: what the bucket has of each run.
        now: seconds since 1970, UTC.
    """
    by_run = {each.run: each for each in machines}
    return [
        _row(name, by_run.get(name), told.get(name), now)
        for name in sorted(by_run.keys() | told.keys())
    ]


def table(shown: Sequence[Mapping[str, Any]]) -> str:
    """For a terminal."""
    if not shown:
        return "There is none."
    head = ("run", "state", "instance", "type", "cost so far", "ends itself", "by", "command")
    lines = [
        (
            row["run"],
            row["state"],
            row["instance"] or "-",
            f"{row['type']}{' spot' if row['spot'] else ''}",
            "?" if row["dollars"] is None else f"{row['dollars']:.2f} $",
            time.strftime("%d %b %H:%M", time.localtime(row["deadline"]))
            if row["deadline"]
            else "?",
            row["starter"] or "?",
            row["command"][:60] or "?",
        )
        for row in shown
    ]
    wide = [max(len(line[at]) for line in (head, *lines)) for at in range(len(head))]
    return "\n".join(
        "  ".join(cell.ljust(size) for cell, size in zip(line, wide, strict=True)).rstrip()
        for line in (head, *lines)
    )


def _row(
    name: str, machine: Machine | None, known: tuple[Run, End | None] | None, now: float
) -> dict[str, Any]:
    run, end = known if known is not None else (None, None)
    kind = machine.kind if machine else run.kind if run else ""
    spot = machine.spot if machine else bool(run and run.spot)
    price = listed().hourly(kind, "spot" if spot else "on-demand")
    return {
        "run": name,
        "state": _state(machine, run, end),
        "instance": machine.id if machine else None,
        "type": kind,
        "spot": spot,
        "launched": machine.launched if machine else None,
        "dollars": price * (now - machine.launched) / 3600 if machine and price else None,
        "deadline": machine.deadline if machine else run.deadline if run else None,
        "starter": machine.starter if machine else "",
        "command": run.script if run else "",
    }


def _state(machine: Machine | None, run: Run | None, end: End | None) -> str:
    if end is not None:
        return "ended, files not fetched"
    if run is not None and run.kind == EMR:
        return "on a cluster, or gone"
    return machine.state if machine else "gone, not cleaned up"
