"""The newest ticks, again and again: none twice, none lost, whatever order files come in."""

from datetime import UTC, datetime, timedelta

from wire.journal import Tail, file_key
from wire.memory import MemoryStore
from wire.tick_record import Seen, TickRecord

NOW = datetime.now(UTC).replace(microsecond=0)


def tick(number: int, ago: float, epoch: int = 1) -> TickRecord:
    return TickRecord(
        at=NOW - timedelta(seconds=ago),
        tick=number,
        epoch=epoch,
        policy="p",
        saw=Seen(queued=0, in_flight=0, workers=0),
        limits={},
        numbers={},
        reason="",
        desired=0,
    )


async def put(store: MemoryStore, *ticks: TickRecord) -> None:
    await store.put(file_key(ticks[0]), b"".join(each.line() for each in ticks))


async def test_each_tick_comes_once() -> None:
    store = MemoryStore()
    tail = Tail(store, NOW - timedelta(minutes=15))
    await put(store, tick(1, 920), tick(2, 880))
    await put(store, tick(3, 60), tick(4, 30))
    assert [each.tick for each in await tail.more()] == [2, 3, 4]
    assert await tail.more() == []
    await put(store, tick(5, 5))
    assert [each.tick for each in await tail.more()] == [5]


async def test_a_file_that_was_put_late_is_found() -> None:
    store = MemoryStore()
    tail = Tail(store, NOW - timedelta(minutes=15))
    await put(store, tick(9, 10))
    assert len(await tail.more()) == 1
    # Named for its first record, which is older than what was told already.
    await put(store, tick(1, 40, epoch=2), tick(2, 5, epoch=2))
    assert [(each.epoch, each.tick) for each in await tail.more()] == [(2, 1), (2, 2)]


async def test_what_is_remembered_does_not_grow() -> None:
    store = MemoryStore()
    tail = Tail(store, NOW - timedelta(hours=2))
    for number in range(300):
        await put(store, tick(number, 3000 - 10 * number))
        await tail.more()
    assert len(tail._seen) < 20
