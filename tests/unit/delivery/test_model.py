"""Delivery under everything that may happen, drawn by Hypothesis, on the real classes in virtual time.

More of it: `DELIVERY_EXAMPLES=2000 pytest tests/unit/delivery/test_model.py`. A failing play is printed as
it was found, to be run again by its blob; `DELIVERY_SHRINK=1` makes it short, in many minutes.
"""

import os

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from tests.unit.delivery.hand import KILLER, SHAKY, SLOW, Hand
from tests.unit.delivery.play import Play
from tests.unit.delivery.world import NAMES, Fault, Outage

CALLS = [
    f"send {NAMES.requests}", f"receive {NAMES.requests}", f"delete {NAMES.requests}",
    f"extend {NAMES.requests}", f"send {NAMES.responses_prefix}",
    f"receive {NAMES.responses_prefix}", f"delete {NAMES.responses_prefix}",
    f"send {NAMES.dead_letter}", f"delete {NAMES.terminate}", "put records/", "put results/",
    "get results/", "put jobs/", "put state/suspects/", "get state/suspects/",
    "remove state/suspects/", "put uploads/", "get uploads/", "remove uploads/", "names",
    "put idempotency/", "get idempotency/", "decode",
]  # fmt: skip


EFFECTS = ["put records/", "put results/", f"send {NAMES.responses_prefix}", "get uploads/"]

# Half of the clients send an Idempotency-Key.
KINDS = st.sampled_from(["keyed", "keyed", "keyed", "url", "upload", "each"])


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

    @rule(kind=KINDS, count=st.integers(1, 3))
    def ask(self, kind: str, count: int) -> None:
        for _ in range(count):
            self.play.ask(kind)

    @rule(kind=KINDS, like=st.sampled_from([KILLER, SLOW, SHAKY]))
    def ask_for_an_odd_one(self, kind: str, like: str) -> None:
        self.play.ask(kind, like)

    @rule()
    def ask_again_under_the_same_key(self) -> None:
        self.play.ask_again()

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

    @rule(call=st.sampled_from(CALLS), seconds=st.sampled_from([20, 60, 340]))
    def an_outage(self, call: str, seconds: float) -> None:
        world = self.play.world
        world.outages.append(Outage(call, world.loop.time() + seconds))

    @precondition(lambda self: self.play.working)
    @rule(kind=KINDS, call=st.sampled_from(EFFECTS))
    def an_outage_that_outlasts_a_message(self, kind: str, call: str) -> None:
        self.play.ask(kind)
        self.an_outage(call, 340)
        self.play.pass_time(350)

    @rule(kind=KINDS, times=st.integers(1, 3))
    def decoders_are_away(self, kind: str, times: int) -> None:
        self.play.world.faults += [Fault("decode", "refused")] * times
        self.play.ask(kind)
        self.play.pass_time(1.1)

    @rule(kind=KINDS)
    def a_killer_meets_three_workers(self, kind: str) -> None:
        self.play.ask(kind, KILLER)
        for _ in range(3):
            if not self.play.working:
                self.play.hire()
            self.play.pass_time(32)

    @precondition(lambda self: self.play.working)
    @rule(kind=KINDS)
    def told_to_go_while_a_fetch_hangs(self, kind: str) -> None:
        self.play.ask(kind, SLOW)
        self.play.pass_time(1.1)
        for hand in self.play.working:
            self.play.call(hand.leave)
        self.play.pass_time(70)

    @rule(body=st.sampled_from(["", "no json", '{"schema": 2}', '{"uuid": "../x"}']))
    def somebody_writes_nonsense(self, body: str) -> None:
        self.play.throw_in(body)

    @precondition(lambda self: self.play.open_fronts)
    @rule(signal=st.sampled_from(["stop", "die"]))
    def a_replica_goes(self, signal: str) -> None:
        self.play.call(getattr(self.play.open_fronts[0], signal))

    @precondition(lambda self: self.play.open_fronts)
    @rule()
    def a_replica_goes_and_its_queue_with_it(self) -> None:
        front = self.play.open_fronts[0]
        self.play.call(front.die)
        self.play.call(self.play.world.take_away, NAMES.responses(front.id))

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


SLOW_PHASES = {Phase.shrink, Phase.explain}
TestDelivery = Delivery.TestCase
TestDelivery.settings = settings(
    max_examples=int(os.environ.get("DELIVERY_EXAMPLES", "40")),
    stateful_step_count=int(os.environ.get("DELIVERY_STEPS", "30")),
    deadline=None,
    phases=[each for each in Phase if each not in SLOW_PHASES or "DELIVERY_SHRINK" in os.environ],
    suppress_health_check=list(HealthCheck),
    print_blob=True,
    report_multiple_bugs=False,
)
