"""A job's spans, out of the files that CLASSIFYCLOUD_TRACES names."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from cli.journey import Event, Journey

JOB = "classifycloud.job"
OWN = ("classifycloud.", "http.", "error.")  # attributes that are worth showing
DEEPEST = 20
OVER = 1_000_000_000  # nanoseconds of a second


def read(journey: Journey, path: Path) -> None:
    """Add the spans of the traces that the job is in."""
    files = [each for each in (path.with_name(f"{path.name}.1"), path) if each.is_file()]
    if not files:
        journey.missed(f"spans: no file {path} (CLASSIFYCLOUD_TRACES writes one)")
        return
    traces = {span["traceId"] for span in _spans(files, journey.job) if _job(span) == journey.job}
    if not traces:
        journey.missed(f"spans: none of this job in {path} (it was not sampled, or is not over)")
        return
    found = {span["spanId"]: span for each in traces for span in _spans(files, each)}
    mine = [span for span in found.values() if _owner(span, found) == journey.job]
    journey.traces = sorted(traces)
    journey.found(f"{len(mine)} spans of {path}", (_event(span, found) for span in mine))
    _judge(journey, mine)


def _judge(journey: Journey, spans: list[dict[str, Any]]) -> None:
    """How it stands, as far as spans tell: each is written when it is over."""
    names = {span["name"] for span in spans}
    # The worker's word; the request's where its answer was there: it may have given up waiting before.
    told = [span for span in spans if span["name"] == "job" or "collect" in names]
    codes = {str(code) for span in told if (code := _attributes(span).get("classifycloud.code"))}
    if codes:
        code = codes.pop()
        journey.supposes("succeeded" if code == "ok" else "failed", "" if code == "ok" else code)
    elif "submit" in names:
        journey.supposes("queued", "sent, and not answered yet: queued or in a worker's hands")


def _event(span: dict[str, Any], found: dict[str, dict[str, Any]]) -> Event:
    at, end = int(span["startTimeUnixNano"]) / OVER, int(span["endTimeUnixNano"]) / OVER
    told = _attributes(span)
    detail = {
        name.rpartition(".")[2]: value
        for name, value in told.items()
        if name.startswith(OWN) and name != JOB
    }
    where = str(span["process"]).removeprefix("classifycloud-")
    return Event(at, span["name"], where, "span", end - at, _depth(span, found), detail)


def _owner(span: dict[str, Any], found: dict[str, dict[str, Any]]) -> Any:
    """The job that a span is about: its own word, or that of what it is a part of. A client may send
    many requests in one trace."""
    at: dict[str, Any] | None = span
    for _ in range(DEEPEST):
        if at is None or _job(at) is not None:
            return at and _job(at)
        at = found.get(at.get("parentSpanId", ""))
    return None


def _depth(span: dict[str, Any], found: dict[str, dict[str, Any]]) -> int:
    depth, parent = 0, found.get(span.get("parentSpanId", ""))
    while parent is not None and depth < DEEPEST:
        depth, parent = depth + 1, found.get(parent.get("parentSpanId", ""))
    return depth


def _job(span: dict[str, Any]) -> Any:
    return _attributes(span).get(JOB)


def _spans(files: list[Path], text: str) -> Iterator[dict[str, Any]]:
    """The spans of the lines that have this text in them."""
    wanted = text.encode()
    for path in files:
        with path.open("rb") as lines:
            for line in lines:
                if wanted in line:
                    yield from _of_line(line)


def _of_line(line: bytes) -> Iterator[dict[str, Any]]:
    try:
        document = json.loads(line)
        for resource in document["resourceSpans"]:
            process = _attributes(resource["resource"]).get("service.name", "")
            for scope in resource["scopeSpans"]:
                for span in scope["spans"]:
                    yield {**span, "process": process}
    except (ValueError, KeyError, TypeError):
        return  # a line that was cut off, or somebody else's


def _attributes(owner: dict[str, Any]) -> dict[str, Any]:
    return {
        each["key"]: next(iter(each["value"].values()), None)
        for each in owner.get("attributes", ())
    }
