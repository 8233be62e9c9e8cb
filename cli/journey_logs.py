"""A job's lines in the logs of a data folder."""

import json
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from cli.journey import Event, Journey

BORING = ("event", "timestamp", "process", "instance", "level", "job", "trace", "url", "exception")


def read(journey: Journey, folder: Path) -> None:
    """Add the lines that name the job, or one of its traces."""
    files = sorted(folder.glob("*.log*"))
    if not files:
        journey.missed(f"logs: none in {folder}")
        return
    events = [each for path in files for each in _lines(path, journey)]
    if not events:
        journey.missed(
            f"logs: no line of this job in {folder} (what goes well is logged where it is traced, "
            "or with CLASSIFYCLOUD_LOG_LEVEL=debug)"
        )
        return
    journey.found(f"{len(events)} lines of logs in {folder}", events)


def _lines(path: Path, journey: Journey) -> Iterator[Event]:
    wanted = [each.encode() for each in (journey.job, *journey.traces)]
    with path.open("rb") as lines:
        for line in lines:
            if any(each in line for each in wanted):
                yield from _event(line, journey)


def _event(line: bytes, journey: Journey) -> Iterator[Event]:
    try:
        said = json.loads(line)
        at = datetime.fromisoformat(said["timestamp"]).timestamp()
        event, process = str(said["event"]), str(said["process"])
    except (ValueError, KeyError, TypeError):
        return  # a library's, or cut off
    if said.get("job", journey.job) != journey.job:
        return
    where = f"{process} {said['instance']}" if "instance" in said else process
    level = {} if said.get("level") in ("info", "debug") else {"level": said.get("level")}
    detail = {name: value for name, value in said.items() if name not in BORING}
    yield Event(at, event, where, "log", detail=level | detail)
