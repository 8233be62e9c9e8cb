"""When a batch goes: a lone entry at once, a burst in tens, and nothing behind a call that hangs."""

import asyncio

import pytest

from tests.unit.delivery.clockwork import VirtualLoop
from wire.errors import QueueUnavailable
from wire.gather import BATCH, LINGER, MOST, Entry, Gatherer, Outcome

CALL = 0.010  # seconds that a call takes here


@pytest.fixture
def loop():
    made = VirtualLoop()
    yield made
    made.end()


class Line:
    """A batch call that takes its time; when each began, and what it carried."""

    def __init__(self, seconds=lambda call: CALL, outcome=lambda value, call: Outcome()):
        self.calls: list[tuple[float, list[object]]] = []
        self.seconds = seconds
        self.outcome = outcome
        self.open = self.most = 0

    async def __call__(self, entries):
        now = asyncio.get_running_loop().time()
        self.calls.append((now, [entry.value for entry in entries]))
        number = len(self.calls)
        self.open += 1
        self.most = max(self.most, self.open)
        await asyncio.sleep(self.seconds(number))
        self.open -= 1
        return [self.outcome(entry.value, number) for entry in entries]

    @property
    def sizes(self):
        return [len(values) for _, values in self.calls]


def test_a_lone_entry_goes_at_once(loop):
    async def scene():
        line, began = Line(), loop.time()
        gatherer = Gatherer(line)
        for number in range(5):
            await gatherer.add(Entry(number))
        assert [now - began for now, _ in line.calls] == pytest.approx([CALL * n for n in range(5)])

    loop.run(scene())


def test_a_burst_of_forty_makes_four_calls(loop):
    async def scene():
        line, began = Line(), loop.time()
        gatherer = Gatherer(line)
        await asyncio.gather(*(gatherer.add(Entry(number)) for number in range(40)))
        assert line.sizes == [10, 10, 10, 10]
        assert loop.time() - began == pytest.approx(CALL)

    loop.run(scene())


def test_a_burst_that_trickles_in_makes_five_calls(loop):
    async def scene():
        line = Line()
        gatherer = Gatherer(line)

        async def one(number):
            await asyncio.sleep(0.0001 * number)
            await gatherer.add(Entry(number))

        await asyncio.gather(*(one(number) for number in range(40)))
        assert line.sizes == [1, 10, 10, 10, 9]

    loop.run(scene())


def test_what_comes_while_a_call_is_open_goes_together_when_it_returns(loop):
    async def scene():
        line, began = Line(), loop.time()
        gatherer = Gatherer(line)
        adding = [asyncio.create_task(gatherer.add(Entry(0)))]
        for number in range(1, 4):
            await asyncio.sleep(0.002)
            adding.append(asyncio.create_task(gatherer.add(Entry(number))))
        await asyncio.gather(*adding)
        assert [(now - began, values) for now, values in line.calls] == [
            (pytest.approx(0), [0]),
            (pytest.approx(CALL), [1, 2, 3]),
        ]

    loop.run(scene())


def test_nothing_waits_for_long_behind_a_call_that_hangs(loop):
    async def scene():
        line = Line(seconds=lambda call: 3600 if call == 1 else CALL)
        gatherer = Gatherer(line)
        hung = asyncio.create_task(gatherer.add(Entry("hung")))
        await asyncio.sleep(1)
        for number in range(20):
            began = loop.time()
            await gatherer.add(Entry(number))
            assert loop.time() - began == pytest.approx(LINGER + CALL)
        hung.cancel()

    loop.run(scene())


def test_so_many_calls_are_open_at_most_and_the_rest_waits_for_one_to_return(loop):
    async def scene():
        line = Line()
        gatherer = Gatherer(line)
        await gatherer.add_many([Entry(number) for number in range(40 * BATCH)])
        assert line.most == MOST
        assert line.sizes == [BATCH] * 40

    loop.run(scene())


def test_what_is_tried_again_holds_nobody_up(loop):
    async def scene():
        def outcome(value, call):
            failed = value == "unlucky" and call <= 3
            return Outcome(QueueUnavailable(), retry=True) if failed else Outcome()

        line = Line(outcome=outcome)
        gatherer = Gatherer(line)
        unlucky = asyncio.create_task(gatherer.add(Entry("unlucky")))
        await asyncio.sleep(CALL * 1.1)
        began = loop.time()
        await gatherer.add(Entry("next"))
        assert loop.time() - began == pytest.approx(CALL)
        await unlucky

    loop.run(scene())


def test_the_patient_gather_whether_or_not_a_call_is_open(loop):
    async def scene():
        line, began = Line(), loop.time()
        gatherer = Gatherer(line)

        async def one(number):
            await asyncio.sleep(0.012 * number)
            await gatherer.add(Entry(number, patience=0.1))

        await asyncio.gather(*(one(number) for number in range(12)))
        # Nine within the first one's tenth of a second, the rest within their own.
        assert line.sizes == [9, 3]
        assert line.calls[0][0] - began == pytest.approx(0.1)

    loop.run(scene())


def test_ten_patient_ones_wait_no_longer(loop):
    async def scene():
        line, began = Line(), loop.time()
        patient = [Entry(number, patience=60) for number in range(10)]
        await Gatherer(line).add_many(patient)
        assert loop.time() - began == pytest.approx(CALL)

    loop.run(scene())


def test_who_is_in_a_hurry_takes_the_patient_along(loop):
    async def scene():
        line, began = Line(), loop.time()
        gatherer = Gatherer(line)
        patient = asyncio.create_task(gatherer.add(Entry("patient", patience=60)))
        await asyncio.sleep(1)
        await gatherer.add(Entry("hurried"))
        await patient
        assert [values for _, values in line.calls] == [["patient", "hurried"]]
        assert loop.time() - began == pytest.approx(1 + CALL)

    loop.run(scene())
