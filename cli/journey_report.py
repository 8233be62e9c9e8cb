"""How `classifycloud trace-job` shows a journey. What strangers wrote is escaped."""

import json
from datetime import datetime
from typing import Any

from cli.journey import Event, Journey, measured


def as_document(journey: Journey) -> dict[str, Any]:
    """For --json; times in seconds since the epoch and in milliseconds."""
    return {
        "job": journey.job,
        "state": journey.state,
        "outcome": journey.outcome,
        "model": journey.model or None,
        "url": journey.url or None,
        "traces": journey.traces,
        "journey": [_row(each) for each in measured(journey)],
        "seen": journey.seen,
        "unseen": journey.unseen,
    }


def told(journey: Journey) -> str:
    """For people."""
    events = measured(journey)
    ended = f": {_plain(journey.outcome)}" if journey.outcome else ""
    lines = [f"job {_plain(journey.job)}  {journey.state}{ended}"]
    facts = (
        ("picture", journey.url),
        ("model", journey.model),
        ("trace", " ".join(journey.traces)),
    )
    lines += [f"  {name:<8}{_plain(value)}" for name, value in facts if value]
    if events:
        lines += ["", f"  {'at':<14}{'after ms':>10}{'took ms':>10}  what"]
        lines += [_line(each, events[0].at) for each in events]
    lines.append("")
    lines += [f"  seen    {_plain(each)}" for each in journey.seen]
    lines += [f"  unseen  {_plain(each)}" for each in journey.unseen]
    return "\n".join(lines)


def _line(event: Event, first: float) -> str:
    at = datetime.fromtimestamp(event.at).strftime("%H:%M:%S.%f")[:-3]
    after = f"{1000 * (event.at - first):.1f}"
    took = "" if event.took is None else f"{'≈ ' if event.rough else ''}{1000 * event.took:.1f}"
    detail = "".join(f" {name}={_plain(str(value))}" for name, value in event.detail.items())
    what = f"{'  ' * event.depth}{_plain(event.what)}"
    return f"  {at:<14}{after:>10}{took:>10}  {what} [{_plain(event.where)}]{detail}"


def _row(event: Event) -> dict[str, Any]:
    row: dict[str, Any] = {
        "at": round(event.at, 6),
        "what": event.what,
        "where": event.where,
        "source": event.source,
        "depth": event.depth,
    }
    if event.took is not None:
        row["tookMs"] = round(1000 * event.took, 3)
    if event.rough:
        row["rough"] = True
    return row | ({"detail": event.detail} if event.detail else {})


def _plain(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)[1:-1].replace("\x7f", "\\x7f")
