"""How many bodies of `POST /jobs` may be in memory at once: few that are large, many that are not."""

import asyncio
import contextlib

import pytest

from api.bulk.body import AT_ONCE, SHARE, SMALL, Bodies
from api.limits.places import Places
from wire.errors import Overloaded, RateLimited

WIDE = 16


class Sent:
    """A request whose body comes in chunks of this many bytes."""

    def __init__(self, *chunks, announced=None):
        self.chunks = chunks
        self.headers = {} if announced is None else {"content-length": str(announced)}

    async def stream(self):
        for size in self.chunks:
            yield b"x" * size


@pytest.fixture
async def hold():
    """Keep a body in memory, a place taken, until the test is over."""
    bodies = Bodies(Places(4 * WIDE, WIDE).take)
    async with contextlib.AsyncExitStack() as stack:

        async def held(request, group):
            return await stack.enter_async_context(bodies.read(request, group))

        yield held


async def test_bodies_that_ask_for_one_picture_take_no_place_of_lists(hold):
    bodies = [await hold(Sent(100, SMALL - 100, announced=SMALL), "a") for _ in range(WIDE)]
    assert [len(body) for body in bodies] == [SMALL] * WIDE
    with pytest.raises(RateLimited):
        await hold(Sent(1), "a")


@pytest.mark.parametrize("request_", [Sent(SMALL, 1), Sent(SMALL + 1, announced=SMALL + 1)])
async def test_lists_are_few_announced_or_not(hold, request_):
    for client in range(AT_ONCE // SHARE):
        for _ in range(SHARE):
            await hold(request_, f"client {client}")
    with pytest.raises(Overloaded):
        await hold(request_, "one more")
    await hold(Sent(10), "one more")


async def test_nobody_takes_all_places_of_lists(hold):
    for _ in range(SHARE):
        await hold(Sent(SMALL, 1), "loud")
    with pytest.raises(RateLimited):
        await hold(Sent(SMALL, 1), "loud")
    await hold(Sent(SMALL, 1), "quiet")


async def test_one_client_asks_for_many_single_jobs_at_once(deployment):
    api = await deployment.replica()

    async def slowly(number):
        yield b'{"imageUrl": "https://example.com/'
        await asyncio.sleep(0.05)
        yield b'%d.jpg"}' % number

    headers = {"Content-Type": "application/json"}
    asked = (api.http.post("/jobs", content=slowly(at), headers=headers) for at in range(12))
    answers = await asyncio.gather(*asked)
    assert [answer.status_code for answer in answers] == [202] * 12
