"""The simulated service must do what dealing with one event after the other does."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from balancer.simulator import traces
from balancer.simulator.service import Service
from balancer.simulator.waits import Waits
from balancer.simulator.world import World
from tests.unit.simulator.plain import Plain

END = 400.0


class Kept(Waits):
    """Every wait by itself."""

    def __init__(self, deadline=120.0):
        super().__init__(deadline)
        self.each = []

    def add(self, begun, sent, seconds):
        super().add(begun, sent, seconds)
        self.each += (begun - sent).tolist()

    def retract(self, begun, sent, seconds):
        super().retract(begun, sent, seconds)
        self.each.remove(min(self.each, key=lambda each: abs(each - (begun - sent))))


def simulated(arrivals, orders, initial, world):
    service = Service(traces.of("given", arrivals), world, Kept())
    service.start(initial)
    for at, what, number in orders:
        service.advance(at)
        if what == "launch":
            service.launch(number)
        elif what == "terminate":
            service.terminate(number)
        else:
            service._leave(number % service.crew.launches, 0.0)
    service.advance(END)
    return service


@given(
    st.integers(0, 2**32),
    st.integers(1, 8),
    st.floats(0.05, 6.0),
    st.floats(1.0, 60.0),
    st.floats(0.1, 6.0),
    st.sampled_from([0.0, 10.0, 60.0]),
)
@settings(max_examples=150, deadline=None)
def test_is_what_one_event_after_the_other_gives(seed, initial, service, boot, rate, paid):
    random = np.random.default_rng(seed)
    arrivals = np.sort(random.random(random.poisson(rate * 60)) * 60)
    # Who looks at messages in the second in which the paid minute ends is no business of this test.
    told = ["launch", "kill"] if paid else ["launch", "terminate", "kill"]
    orders = [
        (float(at), str(random.choice(told)), int(random.integers(1, 5)))
        for at in np.sort(random.random(12) * 90)
    ]
    world = World(
        boot_seconds=boot, service_seconds=service, look_after=1, look_every=1e9, paid_minute=paid,
        stop_grace=1e9,
    )  # fmt: skip
    mine = simulated(arrivals, orders, initial, world)
    plain = Plain(boot, service, paid=paid).run(arrivals, orders, initial)
    waits = sorted(begun - sent for begun, sent in plain.waits if begun < END)
    assert sorted(mine.line.waits.each) == pytest.approx(waits, abs=1e-6)
    assert mine.redelivered == plain.redelivered
    assert mine.arrived == len(arrivals)
    assert mine.crew.worker_seconds(END) == pytest.approx(plain.paid_until(END), abs=1e-5)
