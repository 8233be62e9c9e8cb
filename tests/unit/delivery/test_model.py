"""Delivery under everything that may happen, drawn by Hypothesis, on the real classes in virtual time.

More of it: `DELIVERY_EXAMPLES=2000 pytest tests/unit/delivery/test_model.py`.
"""

import os

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from tests.unit.delivery.hand import Hand
from tests.unit.delivery.play import Play
from tests.unit.delivery.world import NAMES, Fault

CALLS = [
    f"send {NAMES.requests}", f"receive {NAMES.requests}", f"delete {NAMES.requests}",
    f"extend {NAMES.requests}", f"send {NAMES.responses_prefix}",
    f"receive {NAMES.responses_prefix}", f"delete {NAMES.responses_prefix}",
    f"send {NAMES.dead_letter}", f"delete {NAMES.terminate}", "put records/", "put results/",
    "get results/", "put jobs/", "put state/suspects/", "get state/suspects/",
    "remove state/suspects/", "put uploads/", "get uploads/", "remove uploads/", "names",
]  # fmt: skip


class Delivery(RuleBasedStateMachine):
    """Clients ask; processes are killed; messages come twice; calls fail. In the end all is checked."""

    def __init__(self) -> None:
        super().__init__()
        self.play = Play()

    @initialize(workers=st.integers(0, 2))
    def begin(self, workers: int) -> None:
        self.play.open()
        for _ in range(workers):
            self.play.hire()
        self.play.pass_time(1)

    @rule(kind=st.sampled_from(["url", "upload", "each"]), count=st.integers(1, 3))
    def ask(self, kind: str, count: int) -> None:
        for _ in range(count):
            self.play.ask(kind)

    @rule(kind=st.sampled_from(["url", "upload", "each"]))
    def ask_for_a_killer(self, kind: str) -> None:
        self.play.ask(kind, killer=True)

    @rule(seconds=st.sampled_from([0.007, 0.013, 0.025, 0.05, 0.09, 0.2, 1.1, 4, 31]))
    def time_passes(self, seconds: float) -> None:
        self.play.pass_time(seconds)

    @rule(seconds=st.sampled_from([100, 130, 310]))
    def much_time_passes(self, seconds: float) -> None:
        self.play.pass_time(seconds)

    @precondition(lambda self: len(self.play.working) < 3)
    @rule()
    def hire(self) -> None:
        self.play.hire()

    @precondition(lambda self: self.play.working)
    @rule(at=st.integers(0, 9))
    def kill(self, at: int) -> None:
        working = self.play.working
        self.play.call(Hand.kill, working[at % len(working)])

    @rule()
    def dismiss(self) -> None:
        self.play.dismiss()

    @rule(at=st.integers(0, 99), receives=st.integers(0, 2))
    def a_request_comes_again(self, at: int, receives: int) -> None:
        self.play.call(self.play.world.hand_out_again, NAMES.requests, at, receives)

    @rule(at=st.integers(0, 99))
    def an_answer_comes_again(self, at: int) -> None:
        world = self.play.world
        queues = sorted(name for name in world.sent if name.startswith(NAMES.responses_prefix))
        if queues:
            self.play.call(world.hand_out_again, queues[at % len(queues)], at, 0)

    @rule()
    def what_is_in_flight_shows_early(self) -> None:
        self.play.call(self.play.world.show_early, NAMES.requests)

    @rule(
        call=st.sampled_from(CALLS),
        kind=st.sampled_from(["refused", "lost"]),
        times=st.sampled_from([1, 1, 2, 15]),
    )
    def calls_will_fail(self, call: str, kind: str, times: int) -> None:
        self.play.world.faults += [Fault(call, kind)] * times

    @rule(body=st.sampled_from(["", "no json", '{"schema": 2}', '{"uuid": "../x"}']))
    def somebody_writes_nonsense(self, body: str) -> None:
        self.play.throw_in(body)

    @precondition(lambda self: self.play.open_fronts)
    @rule(signal=st.sampled_from(["stop", "die"]))
    def a_replica_goes(self, signal: str) -> None:
        self.play.call(getattr(self.play.open_fronts[0], signal))

    @precondition(lambda self: len(self.play.open_fronts) < 2)
    @rule()
    def a_replica_comes(self) -> None:
        self.play.open()

    @rule()
    def the_balancer_reaps(self) -> None:
        self.play.reap()

    def teardown(self) -> None:
        try:
            self.play.rest()
        finally:
            self.play.close()


TestDelivery = Delivery.TestCase
TestDelivery.settings = settings(
    max_examples=int(os.environ.get("DELIVERY_EXAMPLES", "60")),
    stateful_step_count=int(os.environ.get("DELIVERY_STEPS", "30")),
    deadline=None,
    suppress_health_check=list(HealthCheck),
    print_blob=True,
    report_multiple_bugs=False,
)
