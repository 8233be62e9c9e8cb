"""What of an origin may pass is tried again: a few times, in time, with the place among fetchers free."""

import asyncio
from dataclasses import dataclass, field

import pytest

from tests.unit.worker.origin import fetching, origin, page
from tests.unit.worker.workshop import Workshop
from wire import errors
from wire.errors import ServiceError
from wire.leases import STALL
from wire.outside.origin import Dropped, NoSuchName, OriginStatus, Unproven, seconds
from worker import retry
from worker.retry import LONGEST, next_try

PASSING = [
    *(OriginStatus(status) for status in (408, 425, 429, 500, 502, 503, 504)),
    errors.UpstreamUnreachable(),
    errors.IncompleteBody(),
    Dropped(),
]
LASTING = [
    *(OriginStatus(status) for status in (201, 206, 304, 400, 401, 403, 404, 410, 501, 505)),
    NoSuchName(),
    Unproven(),
    errors.UpstreamProtocol(),
    errors.UpstreamStatus(),
    errors.BlockedAddress(),
    errors.BlockedPort(),
    errors.BodyTooLarge(),
    errors.TooManyRedirects(),
    errors.InvalidUrl(),
    errors.JobExpired(),
    errors.Internal(),
]


@pytest.mark.parametrize("error", PASSING, ids=repr)
def test_what_passes_is_tried_three_times(error):
    first, second = next_try(error, 1, 3, 60), next_try(error, 2, 3, 60)
    assert 0 <= first <= 0.5
    assert 0 <= second <= 1.0
    assert next_try(error, 3, 3, 60) is None
    assert next_try(error, 1, 1, 60) is None


@pytest.mark.parametrize("error", LASTING, ids=repr)
def test_what_lasts_is_answered_at_once(error):
    assert next_try(error, 1, 3, 60) is None


def test_a_time_out_is_tried_once_more_only():
    assert next_try(errors.FetchTimeout(), 1, 3, 60) is not None
    assert next_try(errors.FetchTimeout(), 2, 10, 60) is None


def test_pauses_are_spread():
    assert len({next_try(Dropped(), 2, 3, 60) for _ in range(20)}) > 15


@pytest.mark.parametrize(
    ("asked", "left", "tried"),
    [
        (2, 60, True),
        (LONGEST, 60, True),
        (LONGEST + 1, 60, False),
        (5, 4.9, False),
        (1e300, 60, False),
    ],
)
def test_a_small_retry_after_is_obeyed_and_a_large_one_is_an_answer(asked, left, tried):
    pause = next_try(OriginStatus(503, asked), 1, 3, left)
    assert (pause is not None) is tried
    assert pause is None or pause >= asked


def test_no_try_begins_that_may_end_too_late():
    tries = retry.Tries(3, 15.0)
    assert tries.next(Dropped(), 1, deadline=300, age=55) is not None
    assert tries.next(Dropped(), 1, deadline=300, age=60.1) is None
    assert tries.next(Dropped(), 1, deadline=30, age=0) is None
    assert tries.next(Dropped(), 1, deadline=86400, age=20_000) is not None


def test_a_pause_is_shorter_than_what_passes_for_a_stall():
    assert LONGEST < STALL


@pytest.mark.parametrize(
    ("text", "found"),
    [("", None), ("0", 0), ("120", 120), ("-1", None), ("1.5", None), ("٣", None), ("9" * 400, float("inf")),
     ("Fri, 31 Dec 1999 23:59:59 GMT", None)],
)  # fmt: skip
def test_how_retry_after_is_read(text, found):
    assert seconds(text) == found


@dataclass
class Moody(Workshop):
    """Its pictures' host fails in these ways first."""

    moods: dict[str, list[ServiceError]] = field(default_factory=dict)
    noticed: list[str] = field(default_factory=list)

    async def _download(self, url):
        name = url.rsplit("/", 1)[-1]
        self.noticed.append(name)
        await asyncio.sleep(self.delay)
        if waiting := self.moods.get(name):
            raise waiting.pop(0)
        return name.encode()


@pytest.fixture
def quick(monkeypatch):
    monkeypatch.setattr(retry, "FIRST", 0.01)


async def test_a_host_that_fails_twice_is_asked_three_times(quick):
    shop = await Moody(moods={"a": [OriginStatus(503), errors.IncompleteBody()]}).open()
    await shop.ask("a")
    async with shop.working():
        (answer,) = await shop.answers(1)
        await shop.until_empty()
    assert answer.result == "a"
    assert shop.noticed == ["a"] * 3


async def test_the_last_error_is_the_answer(quick):
    moods = [OriginStatus(500), errors.IncompleteBody(), OriginStatus(502), OriginStatus(503)]
    shop = await Moody(moods={"a": moods}).open()
    await shop.ask("a")
    async with shop.working():
        (answer,) = await shop.answers(1)
        await shop.until_empty()
    assert (answer.error.code, "502" in answer.error.message) == ("upstream_status", True)
    assert shop.noticed == ["a"] * 3
    assert len(await shop.lines()) == 1


async def test_a_lasting_error_is_asked_about_once(quick):
    shop = await Moody(moods={"a": [OriginStatus(404)], "b": [errors.BlockedAddress()]}).open()
    await shop.ask("a")
    await shop.ask("b")
    async with shop.working():
        await shop.answers(2)
    assert sorted(shop.noticed) == ["a", "b"]


async def test_another_is_fetched_during_the_pause():
    shop = await Moody(moods={"a": [OriginStatus(503, 1)]}, fetchers=1).open()
    await shop.ask("a")
    await shop.ask("b")
    async with shop.working():
        answers = await shop.answers(2)
    assert [answer.uuid for answer in answers] == ["b", "a"]
    assert shop.noticed == ["a", "b", "a"]


async def test_a_pause_is_no_part_of_the_time_that_a_fetch_took():
    shop = await Moody(moods={"a": [OriginStatus(503, 1)]}, delay=0.05).open()
    await shop.ask("a")
    async with shop.working():
        (answer,) = await shop.answers(1)
    assert 100 <= answer.timings.fetch_ms < 1000


async def test_a_job_whose_time_is_nearly_over_is_answered_after_one_try(quick):
    shop = await Moody(moods={"a": [OriginStatus(503)]}).open()
    await shop.ask("a", deadline=50.0)
    async with shop.working():
        (answer,) = await shop.answers(1)
    assert answer.error.code == "upstream_status"
    assert shop.noticed == ["a"]


async def test_a_job_that_expires_between_two_tries_is_told_what_became_of_the_first():
    shop = await Moody(moods={"a": [OriginStatus(503, 1)]}).open()
    shop.journey._work._tries = retry.Tries(3, seconds=-60)  # as if a try took no time at all
    await shop.ask("a", deadline=0.5)
    async with shop.working():
        (answer,) = await shop.answers(1)
    assert answer.error.code == "upstream_status"
    assert shop.noticed == ["a"]


ANSWERS = {
    "status": b"HTTP/1.1 503 Busy\r\nRetry-After: 7\r\nContent-Length: 0\r\n\r\n",
    "reset": (None,),
    "cut": (page(b"half", length=8), None),
    "broken": (b"SSH-2.0-OpenSSH_9.6\r\n\r\n", None),
    "missing": b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n",
}


@pytest.mark.parametrize(
    ("name", "passes"),
    [("status", True), ("reset", True), ("cut", True), ("broken", False), ("missing", False)],
)
async def test_what_the_fetcher_says_of_an_origin_is_enough_to_decide(name, passes):
    async with origin({"/x": ANSWERS[name]}) as server, fetching(server.host, seconds=5) as fetcher:
        with pytest.raises(ServiceError) as caught:
            await fetcher.fetch(f"http://{server.host}/x")
    assert (next_try(caught.value, 1, 3, 60) is not None) is passes
    assert name != "status" or caught.value.asks_for == 7


async def test_a_port_that_is_closed_may_open():
    async with origin({}) as server:
        pass
    async with fetching(server.host) as fetcher:
        with pytest.raises(errors.UpstreamUnreachable) as caught:
            await fetcher.fetch(f"http://{server.host}/x")
    assert next_try(caught.value, 1, 3, 60) is not None
