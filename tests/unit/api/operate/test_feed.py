"""One reader for all who look: what it reads, what it tells, and that it rests."""

import asyncio
import json
from datetime import UTC, datetime, timedelta

import pytest

from api.operate import feed as feeds
from api.operate.board import Board, Seen
from api.operate.feed import LIVE, Feed
from wire import lease, ledger, ruling
from wire.errors import QueueUnavailable
from wire.journal import file_key
from wire.latency import bucket
from wire.lease import Lease
from wire.ledger import Holds, Saved, SavedRow
from wire.memory import MemoryStore
from wire.ruling import Ruling
from wire.tick_record import Opinion, TickRecord
from wire.tick_record import Seen as Saw


def tick(number: int, at: datetime | None = None, **about: object) -> TickRecord:
    given = {
        "at": at or datetime.now(UTC),
        "tick": number,
        "epoch": 1,
        "policy": "forecast",
        "saw": Saw(queued=3, in_flight=1, workers=2, busy=1, idle=1),
        "limits": {"min_workers": 0, "max_workers": 4, "tick": 5.0},
        "numbers": {"N": 3},
        "reason": "the backlog",
        "desired": 2,
        "others": {"criterion": Opinion(1, 0, 1)},
    }
    return TickRecord(**(given | about))


class CountedStore(MemoryStore):
    """Counts what it is asked; fails as long as it is told to."""

    def __init__(self) -> None:
        super().__init__()
        self.asked = 0
        self.down = False

    async def read(self, key):
        return await self._counted(super().read(key))

    async def read_newer(self, key, etag):
        return await self._counted(super().read_newer(key, etag))

    async def get(self, key):
        return await self._counted(super().get(key))

    async def keys(self, prefix, limit=1000, after=""):
        return await self._counted(super().keys(prefix, limit, after))

    async def _counted(self, call):
        self.asked += 1
        if self.down:
            call.close()
            raise QueueUnavailable
        return await call


class Past:
    def __init__(self) -> None:
        self.read_windows = []

    async def read(self, name):
        self.read_windows.append(name)
        return {"window": name}


async def none() -> int:
    return 7


@pytest.fixture
def quick(monkeypatch):
    monkeypatch.setattr(feeds, "BEAT", 0.02)
    monkeypatch.setattr(feeds, "LINGERS", 0.05)


async def put(store: MemoryStore, *ticks: TickRecord) -> None:
    await store.put(file_key(ticks[0]), b"".join(each.line() for each in ticks))


async def told(feed: Feed, seen: Seen, topic: str, *more: str) -> str:
    async with asyncio.timeout(20):
        while True:
            for sent in feed.board.news(seen, (*LIVE, *more)):
                if sent.topic == topic:
                    return sent.data
            await feed.board.changed(feed.board.turn, 1)


async def test_nothing_is_read_before_somebody_looks_nor_after(quick) -> None:
    store, said = CountedStore(), []
    feed = Feed(store, Past(), none, lambda: said.append(feed.watched))
    await asyncio.sleep(0.1)
    assert store.asked == 0
    with feed.viewer("15m"), feed.viewer("15m"):
        await told(feed, Seen(), "standing")
        assert feed.watched
    await asyncio.sleep(0.3)
    asked = store.asked
    await asyncio.sleep(0.3)
    assert store.asked == asked
    assert said == [True, False]


async def test_two_who_look_cost_what_one_does(quick) -> None:
    store = CountedStore()
    feed = Feed(store, Past(), none)
    with feed.viewer("15m"):
        await told(feed, Seen(), "dead")
        with feed.viewer("15m"):
            assert await told(feed, Seen(), "dead") == '{"waiting":7}'
            reading = [each for each in asyncio.all_tasks() if "_run" in repr(each.get_coro())]
            assert len(reading) == 1


async def test_ticks_come_once_each_and_in_their_order(quick) -> None:
    store = CountedStore()
    now = datetime.now(UTC)
    await put(store, tick(1, now - timedelta(seconds=20)), tick(2, now - timedelta(seconds=15)))
    feed, seen = Feed(store, Past(), none), Seen()
    with feed.viewer("15m"):
        points = json.loads(await told(feed, seen, "ticks"))
        assert [each["tick"] for each in points] == [1, 2]
        await put(store, tick(3, now))
        assert '"tick":3' in await told(feed, seen, "ticks")
        late = Seen(tick="000001-00000002")
        assert (await told(feed, late, "ticks")).count('"tick":') == 1


async def test_ledger_limits_and_lease_are_told(quick) -> None:
    store = CountedStore()
    row = SavedRow("w-1", 1000.0, 30.0, 26.0, 2.0, None, 1.0, "busy", 41, 0.03, 30.0, 0.1)
    holds = Holds(
        policy="forecast", set_min=0, set_max=4, min_workers=1, max_workers=3,
        bound="operator", every=5.0, paused=False, workers=1, hourly=0.1,
    )  # fmt: skip
    saved = Saved(epoch=2, tick=9, rows=(row,), holds=holds)
    await store.put(ledger.KEY, saved.encode().encode())
    await store.put(lease.KEY, Lease(holder="b-1", epoch=2, seconds=15.0).encode().encode())
    await store.put(ruling.KEY, Ruling(min_workers=1, max_workers=3).encode().encode())
    feed = Feed(store, Past(), none)
    with feed.viewer("15m"):
        worker = await told(feed, Seen(), "ledger")
        standing = await told(feed, Seen(), "standing")
    assert '"id":"w-1","state":"busy"' in worker
    assert '"boot":4.0' in worker
    assert '"operator":{"min":1,"max":3,"paused":false,"unreadable":false}' in standing
    assert '"leader":"b-1"' in standing


async def test_an_outage_is_told_and_ends(quick) -> None:
    store = CountedStore()
    feed, seen = Feed(store, Past(), none), Seen()
    with feed.viewer("15m"):
        assert await told(feed, seen, "sources") == '{"failed":{}}'
        store.down = True
        assert '"ticks":' in await told(feed, seen, "sources")
        store.down = False
        await put(store, tick(1))
        assert '"tick":1' in await told(feed, seen, "ticks")


async def test_cloudwatch_is_asked_only_for_windows_that_somebody_looks_at(quick) -> None:
    past = Past()
    feed = Feed(CountedStore(), past, none)
    with feed.viewer("15m"):
        await told(feed, Seen(), "dead")
        assert past.read_windows == []
        with feed.viewer("24h"):
            assert await told(feed, Seen(), "24h", "24h") == '{"window":"24h"}'
    assert past.read_windows == ["24h"]


def test_percentiles_are_of_the_last_minute() -> None:
    board = Board()
    now = datetime.now(UTC)
    slow = tick(1, now - timedelta(seconds=90), seconds={bucket(20.0): 100})
    quick = tick(2, now, seconds={bucket(0.02): 100}, codes={"ok": 100})
    board.add([slow, quick])
    [sent] = board.news(Seen(), ())
    first, second = sent.data.split('"tick":2')
    assert '"p50":1' in first or '"p50":2' in first
    assert '"p99":0.0' in second
    assert '"criterion":1' in second


async def test_a_source_that_hangs_is_told_and_holds_no_other_up(quick, monkeypatch) -> None:
    monkeypatch.setattr(feeds, "LATE", 0.1)
    hangs = asyncio.Event()

    async def dead() -> int:
        await hangs.wait()
        return 7

    store = CountedStore()
    feed, seen = Feed(store, Past(), dead), Seen()
    with feed.viewer("15m"):
        await told(feed, Seen(), "standing")
        await put(store, tick(1))
        assert '"tick":1' in await told(feed, seen, "ticks")
        while '{"failed":{"dead":' not in await told(feed, seen, "sources"):
            pass
        hangs.set()
        assert await told(feed, seen, "dead") == '{"waiting":7}'


def test_what_a_deposed_leader_puts_late_is_told_once_and_nothing_again() -> None:
    board, seen, now = Board(), Seen(), datetime.now(UTC)
    board.add([tick(1, now), tick(1, now, epoch=2)])
    assert next(board.news(seen, ())).data.count('"tick":') == 2
    board.add([tick(2, now)])
    [sent] = board.news(seen, ())
    assert sent.data.count('"tick":') == 1
    assert sent.id == "000002-00000001"
    assert list(board.news(seen, ())) == []
    board.add([tick(2, now, epoch=2)])
    assert next(board.news(seen, ())).data.count('"tick":') == 1
