"""Throughput is measured at full load alone, and is right after a second of it."""

import asyncio
import random

import pytest

from tests.unit.worker.workshop import Workshop
from worker import shift
from worker.pace import Pace


class World:
    """A queue, a pipeline that finishes clusters, and the clock of both."""

    def __init__(self, rate, cluster=1, trip=0.01, prefetch=40):
        self.now = 0.0
        self.rate, self.cluster, self.trip, self.prefetch = rate, cluster, trip, prefetch
        self.sent: list[float] = []
        self.held = 0
        self.free_at = 0.0
        self.answers: list[float] = []
        self.pace = Pace(lambda: self.now)

    def run(self, until, arrivals=()):
        """Receive and work; `arrivals` are the times at which messages are sent."""
        self.coming = sorted(arrivals)
        while self.now < until:
            if self.prefetch - self.held >= 10:
                self.receive(until)
            else:
                self.advance(self.free_at)

    def receive(self, until):
        asked = self.now
        self.pace.asking()
        self.advance(self.now + self.trip)
        while not self.sent and self.now < min(until, asked + 20):
            following = self.coming[0] if self.coming else until
            self.advance(min(max(following, self.now + 1e-6), until, asked + 20))
        taken, self.sent = self.sent[:10], self.sent[10:]
        ages = [self.now - each for each in taken]
        if not self.held and taken:
            self.free_at = self.now + self.cluster / self.rate
        self.held += len(taken)
        full = self.prefetch - self.held < 10
        self.pace.received(ages, enough=len(taken) == 10 or full)

    def advance(self, to):
        """Let time pass, and answers with it."""
        while self.held and self.free_at <= to:
            self.now = self.free_at
            for _ in range(min(self.cluster, self.held)):
                self.held -= 1
                self.answers.append(self.now)
                self.pace.answered()
            self.free_at += self.cluster / self.rate
        self.now = max(self.now, to)
        while self.coming and self.coming[0] <= self.now:
            self.sent.append(self.coming.pop(0))


@pytest.mark.parametrize("rate", [1, 7, 65, 300, 1500])
@pytest.mark.parametrize("cluster", [1, 5, 16])
def test_a_saturated_stretch_is_measured(rate, cluster):
    world = World(rate, cluster)
    seconds = max(2.0, 40 / rate + 5 * cluster / rate)
    world.run(seconds, [0.0] * int(3 * rate * seconds + 100))
    receivable = 10 / world.trip
    assert world.pace.per_second() == pytest.approx(min(rate, receivable), rel=0.05)


@pytest.mark.parametrize("cluster", [1, 16])
def test_one_second_of_it_is_enough(cluster):
    world = World(100, cluster)
    # What is in hand when the queue is empty counts no more: 150 are answered in a second and a half.
    world.run(10, [0.0] * 190)
    assert len(world.answers) == 190
    assert world.pace.per_second() == pytest.approx(100, rel=0.15)


@pytest.mark.parametrize("pattern", ["steady", "poisson", "tens", "bursts", "waves"])
def test_an_hour_at_a_low_load_says_nothing(pattern):
    chance = random.Random(7)
    world = World(200, 16)
    arrivals = {
        "steady": [each / 20 for each in range(72_000)],
        "poisson": [chance.uniform(0, 3600) for _ in range(72_000)],
        "tens": [each * 0.4 for each in range(9_000) for _ in range(10)],
        "bursts": [each * 2.0 for each in range(1_800) for _ in range(35)],
        "waves": [each + chance.random() / 2 for each in range(3_600) for _ in range(30)],
    }[pattern]
    world.run(3600, arrivals)
    assert len(world.answers) > 60_000
    assert world.pace.per_second() is None


def test_a_busy_minute_in_a_quiet_hour_gives_the_figure_and_it_stays():
    chance = random.Random(3)
    world = World(80, 8)
    quiet = [chance.uniform(0, 3600) for _ in range(36_000)]
    world.run(3600, quiet + [1000.0] * 4800)
    assert world.pace.per_second() == pytest.approx(80, rel=0.03)


@pytest.mark.parametrize("load", [0.5, 0.8, 0.95, 1.05, 2.0])
def test_near_full_load_it_is_never_far_off(load):
    chance = random.Random(11)
    world = World(50, 16)
    world.run(600, [chance.uniform(0, 600) for _ in range(int(600 * 50 * load))])
    measured = world.pace.per_second()
    assert measured is None or measured == pytest.approx(50, rel=0.1)
    if load > 1:
        assert measured is not None


def test_the_last_minute_of_full_load_counts():
    world = World(50)
    world.run(200, [0.0] * 10_000)
    assert world.pace.per_second() == pytest.approx(50, rel=0.02)
    world.rate = 20
    world.run(230, [200.0] * 2_000)
    between = world.pace.per_second()
    assert 20 < between < 50
    world.run(300, [230.0] * 2_000)
    assert world.pace.per_second() == pytest.approx(20, rel=0.05)


def test_what_comes_in_while_nothing_is_asked_changes_nothing():
    pace = Pace(lambda: 0.0)
    pace.received([1.0] * 10, enough=True)
    pace.answered()
    pace.rest()
    assert pace.per_second() is None


def told(*steps):
    """A pace to which so much happened: seconds to wait, or what happens then."""
    now = [0.0]
    pace = Pace(lambda: now[0])
    for step in steps:
        if callable(step):
            step(pace)
        else:
            now[0] += step
    return pace


def full(pace):
    pace.asking()
    pace.received([5.0] * 10, enough=True)


def answers(seconds, count):
    """So many answers, evenly."""
    return [step for _ in range(count) for step in (seconds / count, Pace.answered)]


def test_answers_while_a_receive_waits_in_vain_do_not_count():
    waits = told(full, *answers(2, 20), Pace.asking, *answers(10, 10))
    assert waits.per_second() == pytest.approx(10)
    waits.received([0.1], enough=False)
    assert waits.per_second() == pytest.approx(10)


def test_answers_while_a_receive_brings_enough_count():
    pace = told(full, *answers(1, 10), Pace.asking, *answers(4, 20))
    pace.received([9.0] * 10, enough=True)
    assert pace.per_second() < 7


def test_a_cluster_alone_says_nothing():
    assert told(full, *answers(0.1, 30), Pace.rest).per_second() is None


def test_few_answers_say_nothing():
    assert told(full, *answers(5, 9), Pace.rest).per_second() is None
    assert told(full, *answers(5, 11), Pace.rest).per_second() == pytest.approx(2.2)


def test_a_worker_that_holds_one_picture_at_a_time_is_measured_with_its_ways():
    now = [0.0]
    pace = Pace(lambda: now[0])
    for _ in range(30):
        pace.asking()
        now[0] += 0.05
        pace.received([100.0], enough=True)
        now[0] += 0.95
        pace.answered()
    assert pace.per_second() == pytest.approx(1.0)


def test_a_receive_that_brings_less_than_asked_for_ends_the_run():
    pace = told(full, *answers(2, 20), Pace.asking)
    pace.received([9.0] * 3, enough=False)
    for step in answers(10, 10):
        if callable(step):
            step(pace)
    assert pace.per_second() == pytest.approx(10)
    assert pace._run is None


async def test_while_records_cannot_be_stored_no_full_load_is_measured(monkeypatch):
    monkeypatch.setattr(shift, "UNSTORED", 20)
    shop = await Workshop(prefetch=20).open()
    stored = asyncio.Event()

    async def outage(*_):
        await stored.wait()

    shop.store.put = outage
    for at in range(40):
        await shop.ask(f"a{at}")
    await asyncio.sleep(0.1)
    async with shop.working():
        await shop.answers(20)
        await shop.shift.until(lambda: not shop.shift.busy, 5)
        await asyncio.sleep(0.05)
        assert (shop.shift.room, shop.shift.held) == (0, 20)
        assert shop.tally.pace._run is None
        stored.set()
        await shop.answers(20)
        await shop.until_empty()
    shop.close()
