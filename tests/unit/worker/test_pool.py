"""Connections are kept for so long, there are so many, and whoever is canceled leaves none behind."""

import asyncio
import contextlib
from functools import partial

import httpcore2
import pytest

from tests.unit.worker.origin import fetching, origin, page
from wire import urls
from wire.outside.guard import GuardedBackend
from wire.outside.line import Dial
from worker.pool import Pool
from worker.request import written


class Clock:
    now = 0.0

    def __call__(self):
        return self.now


@contextlib.asynccontextmanager
async def pool_of(server, most=4, names=("a", "b", "c", "d", "e")):
    async def resolve(host, port):
        return ["127.0.0.1"]

    allow = frozenset(f"{name}.example:{server.port}" for name in names)
    clock = Clock()
    tls = httpcore2.default_ssl_context()
    pool = Pool(GuardedBackend(resolve, allow), tls, most, idle=5.0, clock=clock)
    try:
        yield pool, clock, lambda name: urls.check(f"http://{name}.example:{server.port}/x", allow)
    finally:
        await pool.aclose()


async def used(pool, target):
    exchange = await pool.take(target)
    try:
        await exchange.ask(written(target))
        while await exchange.piece() is not None:
            pass
    finally:
        await pool.give(target, exchange)


@pytest.mark.parametrize(("seconds", "connections"), [(4.9, 1), (5.1, 2)])
async def test_a_connection_is_kept_for_five_seconds(seconds, connections):
    async with origin({"/x": page(b"x")}) as server, pool_of(server) as (pool, clock, target):
        await used(pool, target("a"))
        clock.now += seconds
        await used(pool, target("a"))
        assert (server.connections, len(pool.kept)) == (connections, 1)


async def test_what_idled_too_long_is_closed_when_anybody_asks():
    async with origin({"/x": page(b"x")}) as server, pool_of(server) as (pool, clock, target):
        for name in ("a", "b", "c"):
            await used(pool, target(name))
        clock.now += 6
        await used(pool, target("d"))
        assert [kept.origin[1] for kept in pool.kept] == ["d.example"]


async def test_idle_ones_make_room_for_new_ones_the_oldest_first():
    async with origin({"/x": page(b"x")}) as server, pool_of(server, 3) as (pool, clock, target):
        for name in ("a", "b", "c", "a", "d"):
            clock.now += 0.1
            await used(pool, target(name))
        assert [kept.origin[1] for kept in pool.kept] == ["c.example", "a.example", "d.example"]


async def test_who_comes_when_all_are_lent_waits_for_one():
    async with origin({"/x": page(b"x")}) as server, pool_of(server, 2) as (pool, _, target):
        first, second = await pool.take(target("a")), await pool.take(target("b"))
        waits = asyncio.create_task(used(pool, target("c")))
        await asyncio.sleep(0.05)
        assert (waits.done(), pool.lent, server.connections) == (False, 2, 2)
        await pool.give(target("a"), first)
        await waits
        await pool.give(target("b"), second)
        assert pool.lent == 0


class Slow(Dial):
    """Connects, and takes its time before it says so."""

    def __init__(self):
        self.made = []

    async def connect_tcp(self, *args, **named):
        self.made.append(await super().connect_tcp(*args, **named))
        await asyncio.sleep(60)
        raise AssertionError


async def test_who_is_canceled_while_dialing_or_waiting_holds_no_place():
    async with origin({"/x": page(b"x")}) as server, pool_of(server, 1) as (pool, _, target):
        held = await pool.take(target("a"))
        waiting = [asyncio.create_task(pool.take(target("b"))) for _ in range(5)]
        await asyncio.sleep(0.01)
        for each in waiting:
            each.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)
        await pool.give(target("a"), held)
        pool._network_backend._dial = Slow()
        dialing = asyncio.create_task(pool.take(target("b")))
        await asyncio.sleep(0.05)
        dialing.cancel()
        with pytest.raises(asyncio.CancelledError):
            await dialing
        pool._network_backend._dial = Dial()
        await used(pool, target("b"))
        assert pool.lent == 0


async def test_a_fetch_that_is_canceled_amid_a_body_closes_its_connection():
    pages = {"/x": (page(b"half", length=8), 60), "/y": page(b"y")}
    async with origin(pages) as server, fetching(server.host) as fetcher:
        task = asyncio.create_task(fetcher.fetch(f"http://{server.host}/x"))
        await asyncio.sleep(0.1)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert (fetcher._pool.lent, fetcher._pool.kept) == (0, [])
        assert await fetcher.fetch(f"http://{server.host}/y") == b"y"
    assert server.connections == 2


async def test_many_find_that_the_origin_has_closed_what_was_kept():
    """Each closes what it found, and meanwhile the others look through what is left."""
    async with origin({"/x": page(b"x")}) as server, pool_of(server, 8) as (pool, _, target):
        lent = [await pool.take(target("a")) for _ in range(6)]
        for exchange in lent:
            await exchange.ask(written(target("a")))
            while await exchange.piece() is not None:
                pass
        for exchange in lent:
            await pool.give(target("a"), exchange)
        assert len(pool.kept) == 6
        for kept in pool.kept:
            kept.exchange.unread = lambda: True
            kept.exchange.aclose = partial(slowly, kept.exchange.aclose)
        await asyncio.gather(*(used(pool, target("a")) for _ in range(6)))
        assert pool.lent == 0


async def slowly(close):
    await asyncio.sleep(0)
    await close()
