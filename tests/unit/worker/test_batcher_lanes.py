"""Several batches at once: each lane takes its share, and nothing waits while a lane is free."""

import asyncio
import contextlib
import threading

import pytest

from wire.messages import Label
from worker.batcher import Batcher, share
from worker.watchdog import Watchdog


class LaneModel:
    """Holds each batch until it is let go; says which way it came and how many were in at once."""

    name, version, recipe = "lanes", "1", None

    def __init__(self, lanes=2, portion=4, ahead=0):
        self.lanes, self.portion, self.ahead = lanes, portion, ahead
        self.began: asyncio.Queue[tuple[str, list[bytes], threading.Event]] = asyncio.Queue()
        self._loop = asyncio.get_running_loop()
        self._lock = threading.Lock()
        self.inside = self.most = 0

    def classify(self, pictures, wanted):
        return self._enter("whole", pictures)

    def classify_beside(self, pictures, wanted):
        return self._enter("beside", pictures)

    def _enter(self, way, pictures):
        go = threading.Event()
        with self._lock:
            self.inside += 1
            self.most = max(self.most, self.inside)
        self._loop.call_soon_threadsafe(self.began.put_nowait, (way, list(pictures), go))
        try:
            assert go.wait(10)
            if b"bomb" in pictures:
                raise RuntimeError("the engine broke")
            return [(Label(name=each.decode(), class_id="", confidence=1.0),) for each in pictures]
        finally:
            with self._lock:
                self.inside -= 1


@contextlib.asynccontextmanager
async def serving(batcher):
    task = asyncio.create_task(batcher.run())
    try:
        async with asyncio.timeout(20):
            yield
    finally:
        task.cancel()
        batcher.close()


def asked(batcher, model, *pictures):
    return [asyncio.create_task(batcher.classify(model, each, 1)) for each in pictures]


async def let_all_go(model):
    while True:
        (await model.began.get())[2].set()


def numbered(count, start=0):
    return [b"%d" % at for at in range(start, start + count)]


@pytest.mark.parametrize(
    ("ready", "free", "most", "taken"),
    [(1, 2, 4, 1), (2, 2, 4, 1), (3, 2, 4, 2), (40, 2, 4, 4), (3, 1, 4, 3), (9, 1, 4, 4)],
)
@pytest.mark.parametrize("ahead", [0, 2])
def test_what_is_ready_is_split_among_free_lanes(ready, free, ahead, most, taken):
    assert share(ready, free, ahead, most) == taken


@pytest.mark.parametrize(
    ("ready", "free", "ahead", "taken"),
    [(4, 0, 2, 4), (9, -1, 2, 4), (3, 0, 2, 0), (9, -2, 2, 0), (9, 0, 0, 0)],
)
def test_only_full_batches_wait_for_a_lane_and_only_so_many(ready, free, ahead, taken):
    assert share(ready, free, ahead, 4) == taken


async def test_what_is_ready_goes_into_all_lanes_at_once():
    model, batcher = LaneModel(), Batcher(None, Watchdog())
    waiting = asked(batcher, model, *numbered(5))
    async with serving(batcher):
        one, two = await model.began.get(), await model.began.get()
        assert sorted([one[:2], two[:2]], key=lambda each: each[1]) == [
            ("beside", [b"0", b"1", b"2"]),
            ("beside", [b"3", b"4"]),
        ]
        one[2].set()
        two[2].set()
        found = await asyncio.gather(*waiting)
    assert [each.labels[0].name for each in found] == ["0", "1", "2", "3", "4"]


async def test_a_lane_that_is_done_goes_on_while_another_is_held_up():
    model, batcher = LaneModel(), Batcher(None, Watchdog())
    waiting = asked(batcher, model, *numbered(20))
    async with serving(batcher):
        begun = sorted([await model.began.get(), await model.began.get()], key=lambda x: x[1])
        held, (_, pictures, go) = begun  # the first four stay in
        served = list(pictures)
        for _ in range(3):
            go.set()
            _, pictures, go = await model.began.get()
            served += pictures
        assert served == numbered(16, 4)  # the oldest first, and full batches
        assert not any(each.done() for each in waiting[:4])
        held[2].set()
        go.set()
        await asyncio.gather(*waiting)
    assert model.most == 2


async def test_a_picture_that_comes_while_a_lane_is_free_starts_at_once():
    model, batcher = LaneModel(), Batcher(None, Watchdog(), only=lambda: False)
    async with serving(batcher):
        first = asked(batcher, model, b"first")
        way, _, go = await model.began.get()
        assert way == "beside"
        second = asked(batcher, model, b"second")
        _, pictures, also = await model.began.get()  # though the first has not ended
        assert pictures == [b"second"]
        go.set()
        also.set()
        await asyncio.gather(*first, *second)


async def test_the_only_picture_gets_the_whole_engine_and_the_next_wait_for_it():
    model, batcher = LaneModel(), Batcher(None, Watchdog())
    async with serving(batcher):
        only = asked(batcher, model, b"only")
        way, _, go = await model.began.get()
        assert way == "whole"
        rest = asked(batcher, model, b"b", b"c")
        for _ in range(5):
            await asyncio.sleep(0)
        assert model.began.empty()
        go.set()
        begun = [await model.began.get(), await model.began.get()]
        assert {way for way, _, _ in begun} == {"beside"}
        for _, _, go in begun:
            go.set()
        await asyncio.gather(*only, *rest)
    assert model.most == 2


async def test_a_bad_picture_fails_by_itself_and_its_lane_serves_on():
    model, batcher = LaneModel(), Batcher(None, Watchdog())
    waiting = asked(batcher, model, b"a", b"bomb", b"c", b"d", b"e", b"f")
    async with serving(batcher):
        opener = asyncio.create_task(let_all_go(model))
        found = await asyncio.gather(*waiting, return_exceptions=True)
        after = await asyncio.gather(*asked(batcher, model, *numbered(9)))
        opener.cancel()
    assert isinstance(found.pop(1), RuntimeError)
    assert [each.labels[0].name for each in found] == ["a", "c", "d", "e", "f"]
    assert len(after) == 9


async def test_no_model_starves_another():
    one, two, batcher = LaneModel(), LaneModel(), Batcher(None, Watchdog())
    waiting = asked(batcher, one, *numbered(4)) + asked(batcher, two, b"x")
    waiting += asked(batcher, one, *numbered(8, 4))
    async with serving(batcher):
        held = await one.began.get()
        _, pictures, go = await two.began.get()  # before those of the first model that came later
        assert pictures == [b"x"]
        go.set()
        held[2].set()
        opener = asyncio.create_task(let_all_go(one))
        await asyncio.gather(*waiting)
        opener.cancel()


async def test_a_model_of_one_lane_waits_until_it_has_the_engine_to_itself():
    one, two, batcher = LaneModel(), LaneModel(lanes=1), Batcher(None, Watchdog())
    waiting = asked(batcher, one, *numbered(2)) + asked(batcher, two, b"x", b"y")
    async with serving(batcher):
        for _ in range(2):
            assert two.began.empty()
            (await one.began.get())[2].set()
        way, pictures, go = await two.began.get()
        assert (way, pictures, one.inside) == ("whole", [b"x", b"y"], 0)
        go.set()
        await asyncio.gather(*waiting)


async def test_who_left_takes_no_place():
    model, batcher = LaneModel(lanes=1), Batcher(None, Watchdog())
    waiting = asked(batcher, model, *numbered(6))
    await asyncio.sleep(0)
    for gone in (0, 2):
        waiting[gone].cancel()
    await asyncio.sleep(0)
    async with serving(batcher):
        _, pictures, go = await model.began.get()
        assert pictures == [b"1", b"3", b"4", b"5"]
        go.set()
        await asyncio.gather(*waiting, return_exceptions=True)


async def settled():
    for _ in range(10):
        await asyncio.sleep(0)


async def test_full_batches_wait_inside_and_what_fills_none_outside():
    model, batcher = LaneModel(ahead=2), Batcher(None, Watchdog())
    waiting = asked(batcher, model, *numbered(19))
    async with serving(batcher):
        begun = [await model.began.get() for _ in range(4)]
        assert sorted(pictures for _, pictures, _ in begun) == sorted(
            numbered(4, start) for start in (0, 4, 8, 12)
        )
        await settled()
        assert model.began.empty()  # three are no batch
        for _, _, go in begun[:3]:  # and now there is a lane for them
            go.set()
        _, pictures, go = await model.began.get()
        assert pictures == numbered(3, 16)
        go.set()
        begun[3][2].set()
        found = await asyncio.gather(*waiting)
    assert [each.labels[0].name for each in found] == [str(at) for at in range(19)]
    assert model.most == 4


async def test_nothing_waits_inside_behind_another_network():
    one, two, batcher = LaneModel(ahead=2), LaneModel(ahead=2), Batcher(None, Watchdog())
    waiting = asked(batcher, one, b"alone") + asked(batcher, two, *numbered(12))
    async with serving(batcher):
        _, _, first = await one.began.get()
        _, _, second = await two.began.get()
        await settled()
        assert two.began.empty()
        first.set()
        rest = [await two.began.get() for _ in range(2)]  # it has the engine to itself now
        assert sorted(pictures for _, pictures, _ in rest) == [numbered(4, 4), numbered(4, 8)]
        second.set()
        for _, _, go in rest:
            go.set()
        await asyncio.gather(*waiting)


async def test_the_seconds_of_a_batch_begin_when_there_is_a_lane():
    model, batcher = LaneModel(lanes=2, ahead=2), Batcher(None, Watchdog(), only=lambda: False)
    waiting = asked(batcher, model, *numbered(12))
    async with serving(batcher):
        begun = sorted([await model.began.get() for _ in range(3)], key=lambda each: each[1])
        await asyncio.sleep(1.0)
        begun[0][2].set()
        first = await waiting[0]
        begun[2][2].set()
        last = await waiting[8]
        begun[1][2].set()
        await asyncio.gather(*waiting)
    assert first.seconds >= 1.0
    assert last.seconds < first.seconds / 2
    assert last.cost == pytest.approx(last.seconds / 4)


async def test_behind_the_only_lane_a_full_batch_waits_inside_too():
    model, batcher = LaneModel(lanes=1, ahead=1), Batcher(None, Watchdog())
    waiting = asked(batcher, model, *numbered(12))
    async with serving(batcher):
        begun = [await model.began.get() for _ in range(2)]
        await settled()
        assert model.began.empty()
        assert sorted(begun, key=lambda each: each[1])[0][:2] == ("beside", numbered(4))
        for _, _, go in begun:
            go.set()
        (await model.began.get())[2].set()
        found = await asyncio.gather(*waiting)
    assert model.most == 2
    assert {each.cores for each in found} == {1}
