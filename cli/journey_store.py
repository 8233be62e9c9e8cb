"""What S3 and the dead-letter queue keep of a job."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

from cli import journey_bulk
from cli.journey import Event, Journey
from cli.trace_records import in_store
from wire.dead_letters import DeadLetters
from wire.messages import Answer, Undecodable
from wire.names import QueueNames, job_key, result_key, suspect_key
from wire.queues import QueueMissing, Queues
from wire.records import Record
from wire.store import Store

STATES = {"job_canceled": "canceled", "job_expired": "expired"}
# After what is known first: a job that is waited for is recorded by then, or not at all.
AROUND = timedelta(hours=1)
STAGES = (
    ("queue wait", "queue_ms"),
    ("fetch", "fetch_ms"),
    ("decode", "decode_ms"),
    ("inference", "inference_ms"),
)


async def read(journey: Journey, store: Store, last: timedelta) -> None:
    """Add what is kept under the job's id, then its record, which is looked for where the others point."""
    await _result(journey, store)
    await _marker(journey, store)
    await journey_bulk.read(journey, store)
    await _record(journey, store, last)
    key = suspect_key(journey.job)
    if await store.get(key) is not None:
        journey.found(key)
        journey.supposes("running", "worked alone, since its last worker went")


async def look_among_the_dead(journey: Journey, queues: Queues, names: QueueNames) -> None:
    """Say whether it lies in the dead-letter queue."""
    queue = names.dead_letter
    try:
        dead = await DeadLetters.open(queues, names, _nothing())
        async with dead.held():
            while letters := await dead.look():
                for letter in letters:
                    if letter.is_called(journey.job):
                        at = Event(letter.received.sent_at, "set aside", queue, "queue")
                        journey.found(f"queue {queue}: it lies there (`classifycloud dlq`)", [at])
                        journey.state = "dead-lettered"
                        return
    except QueueMissing:
        journey.missed(f"queue {queue}: there is none")
        return
    journey.missed(f"queue {queue}: it is not there")


def _nothing() -> Any:
    """In place of a store: looking needs none."""
    return None


async def _result(journey: Journey, store: Store) -> None:
    key = result_key(journey.job)
    data = await store.get(key)
    if data is None:
        journey.missed(f"{key}: none (answers that are waited for are not kept by id)")
        return
    try:
        answer = Answer.decode(data)
    except Undecodable as error:
        journey.missed(f"{key}: {error}")
        return
    journey.found(key)
    _answered(journey, answer)


async def _marker(journey: Journey, store: Store) -> None:
    key = job_key(journey.job)
    data = await store.get(key)
    if data is None:
        journey.missed(f"{key}: none (it was waited for to its end, or never asked for)")
        return
    marker = json.loads(data)
    order = marker.get("order") or {}
    events = []
    if "submitted" in order:
        detail = {} if order.get("ahead") is None else {"ahead": order["ahead"]}
        events = [Event(order["submitted"], "submitted", "api", "store", detail=detail)]
    journey.found(key, events)
    journey.url = journey.url or shown(str(marker.get("imageUrl", "")))
    journey.supposes("queued", "not answered yet: queued or in a worker's hands")


async def _record(journey: Journey, store: Store, last: timedelta) -> None:
    first, now = journey.begins(), datetime.now(UTC)
    since = now - last if first is None else datetime.fromtimestamp(first, UTC)
    until = now + AROUND if first is None else min(now, since) + AROUND
    wanted, lines = f'"{journey.job}"'.encode(), 0
    async for batch in in_store(store, since - timedelta(minutes=1), until, lambda *_: None):
        for line in batch:
            if wanted in line and (record := _decoded(line)) is not None:
                lines += record.uuid == journey.job
                journey.events += _stages(record)
                _answered(journey, record)
    if lines:
        journey.found(f"{lines} record{'' if lines == 1 else 's'}")
        return
    hours = f"{since:%H:%M} to {until:%H:%M} UTC"
    journey.missed(f"records/: none of {hours} (--last looks further back; it may not be over)")


def _decoded(line: bytes) -> Record | None:
    try:
        return Record.decode(line)
    except Undecodable:
        return None


def _stages(record: Record) -> list[Event]:
    """Where its time went, counted back from when it was recorded: waits between stages are not in it."""
    told, at = record.timings, record.at.timestamp()
    begins, events = at - told.total_ms / 1000, []
    for name, part in STAGES:
        if took := getattr(told, part) / 1000:
            events.append(Event(begins, name, "worker", "record", took, rough=True))
            begins += took
    return [*events, Event(at, "recorded", "worker", "record")]


def _answered(journey: Journey, answer: Answer) -> None:
    code = None if answer.error is None else answer.error.code
    if code is None:
        best = answer.labels[0] if answer.labels else None
        journey.settles("succeeded", f"{best.name}, {best.confidence:.2f}" if best else "")
    else:
        journey.settles(STATES.get(code, "failed"), code)
    if answer.model and not journey.model:
        journey.model = f"{answer.model} {answer.model_version or ''}".strip()
    journey.url = journey.url or shown(answer.image_url)


def shown(url: str) -> str:
    """A URL without its query, which may hold a signature, and without credentials."""
    bare = url.partition("?")[0].partition("#")[0]
    return "" if "@" in bare else bare
