"""Estimates: what must hold of every one, and how near they come to what the simulator finds."""

import numpy as np
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from api.jobs.estimate import Crew, position, seconds
from api.jobs.outlook import crew_of
from balancer.plan import Limits
from balancer.policies import find
from balancer.simulator import traces
from balancer.simulator.run import simulate
from balancer.simulator.world import World
from wire.ledger import Holds, Saved, SavedRow

TICK, TARGET = 5.0, 5.0  # seconds
TIMES = st.floats(0.1, 120)
CREWS = st.builds(
    Crew,
    ready=st.integers(0, 20),
    coming=st.lists(TIMES, max_size=5).map(tuple),
    most=st.integers(0, 30),
    rate=st.floats(0.2, 200),
    boot=TIMES,
    look=st.floats(0, 10),
    target=st.floats(0.5, 60),
    alone=st.floats(0.01, 20),
)
AHEAD = st.integers(0, 20_000)


@given(AHEAD, CREWS)
def test_no_sooner_than_all_could_and_no_later_than_the_first_alone_would(ahead, crew) -> None:
    found = seconds(ahead, crew)
    if found is None:
        assert crew.ready + len(crew.coming) + crew.most == 0
        return
    everybody = max(crew.ready + len(crew.coming), crew.most)
    assert found >= (ahead + 1) / (everybody * crew.rate) + crew.alone - 1e-6
    first = min([0.0] * crew.ready + [*crew.coming, crew.look + crew.boot])
    if crew.ready or not crew.coming:
        assert found <= first + (ahead + 1) / crew.rate + crew.alone + 1e-6


@given(AHEAD, st.integers(0, 1000), CREWS)
def test_who_stands_further_back_waits_no_shorter_where_nobody_is_launched_for_it(
    ahead, more, crew
) -> None:
    # More ahead may have more workers launched: then, and only then, the last may be served sooner.
    fixed = Crew(
        crew.ready, crew.coming, 0, crew.rate, crew.boot, crew.look, crew.target, crew.alone
    )
    assume(fixed.ready + len(fixed.coming))
    nearer, farther = seconds(ahead, fixed), seconds(ahead + more, fixed)
    assert nearer is not None
    assert farther is not None
    assert nearer <= farther + 1e-9


@given(AHEAD, CREWS)
def test_nobody_who_comes_makes_it_longer(ahead, crew) -> None:
    fixed = Crew(
        crew.ready, crew.coming, 0, crew.rate, crew.boot, crew.look, crew.target, crew.alone
    )
    before = seconds(ahead, fixed)
    joined = Crew(
        crew.ready + 1, crew.coming, 0, crew.rate, crew.boot, crew.look, crew.target, crew.alone
    )
    after = seconds(ahead, joined)
    assert after is not None
    assert before is None or after <= before + 1e-9


@given(AHEAD, st.integers(0, 20_000), st.floats(0, 1e6))
def test_a_position_is_between_none_and_what_there_is(ahead, waiting, done) -> None:
    found = position(ahead, waiting, done)
    assert 0 <= found <= ahead
    assert found <= max(0, waiting - 1)


def test_a_cold_start_is_the_look_the_boot_and_the_work() -> None:
    crew = Crew(ready=0, most=2, rate=10, boot=8, look=2, target=5, alone=0.5)
    assert seconds(9, crew) == 2 + 8 + 1 + 0.5
    # A hundred are worth two workers: what they do together, after both have booted.
    assert seconds(99, crew) == 2 + 8 + 5 + 0.5


def ledger(**given: object) -> Saved:
    holds = Holds(
        policy="forecast", set_min=0, set_max=4, min_workers=0, max_workers=4, bound="W_max",
        every=5, paused=False, workers=2, hourly=0, target_wait=5, boot_seconds=20,
        service_seconds=0.5,
    )  # fmt: skip
    return Saved(epoch=1, tick=1, **({"holds": holds} | given))


def row(name: str, **given: object) -> SavedRow:
    fields = {
        "id": name, "launched_at": 0.0, "seen": 3.0, "ready": 2.0, "heard": 1.0, "leaving": None,
        "sent_at": 0.0, "state": "idle", "served": 0, "service_seconds": None, "throughput": None,
        "hourly": 0.0,
    }  # fmt: skip
    return SavedRow(**(fields | given))


def test_who_works_is_read_out_of_the_ledger() -> None:
    rows = (row("a", throughput=30.0), row("b", ready=None), row("c", leaving=1.0))
    crew = crew_of(ledger(rows=rows, boots=(7.0, 9.0, 8.0)), age=1.0)
    assert crew is not None
    assert (crew.ready, crew.coming, crew.most) == (1, (4.0,), 4)
    assert (crew.rate, crew.boot, crew.look) == (30.0, 8.0, 2.5)
    guessed = crew_of(ledger(), age=1.0)
    assert guessed is not None
    assert (guessed.ready, guessed.rate, guessed.boot) == (0, 2.0, 20)
    assert crew_of(ledger(holds=None), age=0) is None


def simulated(count: int, ready: int, most: int, boot: float, service: float) -> float:
    """Seconds until the last of so many jobs that come at once, between two ticks, is answered."""
    world = World(boot_seconds=boot, service_seconds=service, paid_minute=0, initial_workers=ready)
    limits = Limits(
        min_workers=ready,
        max_workers=most,
        tick=TICK,
        target_wait=TARGET,
        boot_seconds=boot,
        service_seconds=service,
        deadline=1e6,
    )
    arrivals = traces.of("at once", np.full(count, TICK / 2))
    outcome = simulate(arrivals, find("forecast"), limits, world, series=False)
    return outcome.wait_max + service


@settings(max_examples=150, deadline=None)
@given(
    st.floats(0, 3.4),
    st.sampled_from([1, 2, 8, 30]),
    st.integers(0, 3),
    st.floats(2, 60),
    st.sampled_from([0.02, 0.1, 0.5, 1.0, 2.0]),
)
def test_the_simulator_finds_what_was_estimated(magnitude, most, ready, boot, service) -> None:
    """Whatever is scripted, within a factor of 2."""
    count, ready = round(10**magnitude), min(most, ready)
    crew = Crew(ready, (), most, 1 / service, boot, TICK / 2, TARGET, service)
    found, took = seconds(count - 1, crew), simulated(count, ready, most, boot, service)
    assert found is not None
    assert took / 2 <= found <= took * 2
