"""A job watched by its events, over streams that break."""

from collections.abc import Iterator

import httpx
import pytest

from classifycloud.client import (
    AsyncClient,
    Client,
    Interrupted,
    NotFound,
    NotUnderstood,
    OutOfTime,
)
from classifycloud.client.events import Event, Lines, Watch
from classifycloud.client.steps import Patience

QUEUED = 'event: job\nid: 1\nretry: 1\ndata: {"uuid": "j1",\ndata:  "status": "queued", "position": 3}\n\n'
RUNNING = 'id: 2\ndata: {"uuid": "j1", "status": "running"}\n\n'
DONE = ': a comment\n\nid: 3\ndata: {"uuid": "j1", "status": "succeeded"}\n\n'
GONE = {"error": {"code": "job_not_found", "message": "…", "job": None}}


class Broken(httpx.SyncByteStream, httpx.AsyncByteStream):
    """A stream that ends with the connection."""

    def __init__(self, text: str) -> None:
        self._text = text.encode()

    def __iter__(self) -> Iterator[bytes]:
        yield self._text
        raise httpx.ReadError("gone")

    async def __aiter__(self):
        for each in self:
            yield each


def serving(*replies: httpx.Response) -> tuple[httpx.MockTransport, list[str | None]]:
    """Gives them in turn; and what each request said that it had seen."""
    waiting, seen = list(replies), []

    def handle(request: httpx.Request) -> httpx.Response:
        assert request.url.path == "/jobs/j1/events"
        seen.append(request.headers.get("last-event-id"))
        return waiting.pop(0)

    return httpx.MockTransport(handle), seen


def test_lines_become_events_as_the_standard_says() -> None:
    lines = Lines()
    found = [lines.take(each) for each in f"{QUEUED}{DONE}".split("\n")]
    assert [each for each in found if each] == [
        Event("job", '{"uuid": "j1",\n "status": "queued", "position": 3}', "1"),
        Event("message", '{"uuid": "j1", "status": "succeeded"}', "3"),
    ]
    assert lines.retry == 0.001


def test_changes_come_once_over_streams_that_break_or_end() -> None:
    transport, seen = serving(
        httpx.Response(200, text=QUEUED),
        httpx.Response(200, stream=Broken(QUEUED + RUNNING)),
        httpx.Response(503, json={"error": {"code": "shutting_down", "message": "…", "job": None}}),
        httpx.Response(200, text=DONE),
    )
    with Client("http://api.test", transport=transport) as client:
        assert [each.status for each in client.events("j1")] == ["queued", "running", "succeeded"]
    assert seen == [None, "1", "2", "2"]


async def test_who_awaits_sees_the_same() -> None:
    transport, seen = serving(
        httpx.Response(200, stream=Broken(QUEUED)), httpx.Response(200, text=DONE)
    )
    async with AsyncClient("http://api.test", transport=transport) as client:
        assert [each.status async for each in client.events("j1")] == ["queued", "succeeded"]
    assert seen == [None, "1"]


@pytest.mark.parametrize(
    ("replies", "error"),
    [
        ([httpx.Response(404, json=GONE)], NotFound),
        ([httpx.Response(200, text="data: {}\n\n")], NotUnderstood),
        ([httpx.Response(200, text="") for _ in range(100)], (Interrupted, OutOfTime)),
    ],
)
def test_it_does_not_go_on_for_ever(replies, error) -> None:
    transport, _ = serving(*replies)
    with Client("http://api.test", transport=transport) as client, pytest.raises(error):
        list(client.events("j1", timeout=1))


def test_the_pause_before_another_stream_is_in_time_too():
    watch = Watch("j1", Patience(10, lambda: 0.0, lambda: 0.0))
    watch.line("retry: 4000")
    watch.broken(None)
    again = watch.ask()
    assert (again.after, again.timeout) == (4, 6)
