"""Fair queues: a loud group waits behind the quiet ones, nobody waits for ever, nothing is lost."""

import json
import uuid
from collections.abc import Callable, Sequence

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from local.sqs.database import Database
from local.sqs.fairness import SILENCE_MS
from local.sqs.flights import CROWD
from local.sqs.messages import Draft, Message, MessageTable
from local.sqs.queues import QueueTable

HELD_MS = 600_000


class Bench:
    """One queue at a time that the test sets; bodies tell group and number."""

    def __init__(self, database: Database) -> None:
        self.now = 1_700_000_000_000
        self.database = database
        queues = QueueTable(database, lambda: self.now, 0)
        policy = {"deadLetterTargetArn": "arn:aws:sqs:r:0:dead", "maxReceiveCount": "1"}
        self.dead = queues.create("dead", {}, {})
        self.queue = queues.create("jobs", {}, {})
        self.strict = queues.create("strict", {"RedrivePolicy": json.dumps(policy)}, {})
        self.reopen()

    def reopen(self) -> None:
        self.table = MessageTable(self.database)

    def send(self, group: str, count: int, start: int = 0) -> None:
        drafts = [
            Draft(str(uuid.uuid4()), "md5", f"{group}:{n}", None, None, 0, group)
            for n in range(start, start + count)
        ]
        with self.database.transaction():
            self.table.append(self.queue, drafts, self.now)

    def take(self, limit: int = 10, held_ms: int = HELD_MS) -> list[Message]:
        return self.table.take(self.queue, None, limit, held_ms, self.now).messages

    def take_many(self, count: int) -> list[Message]:
        taken: list[Message] = []
        while len(taken) < count:
            taken += self.take(min(10, count - len(taken)))
        return taken

    def finish(self, messages: Sequence[Message]) -> None:
        for message in messages:
            assert self.table.delete([message.handle], self.now)


def groups(messages: Sequence[Message]) -> list[str]:
    return [message.group for message in messages]


def numbers(messages: Sequence[Message], group: str) -> list[int]:
    return [int(m.body.split(":")[1]) for m in messages if m.group == group]


def rolled_back(bench: Bench, act: Callable[[], object]) -> None:
    def fail_after() -> None:
        with bench.database.transaction():
            assert act()
            raise OSError("no space left on device")

    with pytest.raises(OSError, match="no space"):
        fail_after()


@pytest.fixture
def bench(database: Database) -> Bench:
    return Bench(database)


def test_a_quiet_group_passes_ten_thousand_of_a_loud_one(bench: Bench) -> None:
    bench.send("loud", 10_000)
    bench.now += 1
    bench.send("quiet", 3)
    taken = bench.take_many(CROWD)
    assert set(groups(taken)) == {"loud"}  # nobody had anything in flight: the order of sending
    assert groups(bench.take())[:3] == ["quiet"] * 3


def test_messages_without_a_group_are_neighbors_of_their_own(bench: Bench) -> None:
    bench.send("loud", 1_000)
    bench.take_many(CROWD)
    bench.send("", 100)
    assert groups(bench.take_many(100)) == [""] * 100
    assert groups(bench.take()) == ["loud"] * 10


def test_who_is_alone_has_everything_and_its_order(bench: Bench) -> None:
    bench.send("loud", 500)
    taken = bench.take_many(500)
    assert numbers(taken, "loud") == list(range(500))
    assert bench.take() == []


def test_no_group_is_noisy_below_a_tenth_of_what_is_in_flight(bench: Bench) -> None:
    for group in range(11):
        bench.send(f"g{group}", CROWD)
    bench.take_many(11 * CROWD)
    bench.send("g0", 1)
    bench.now += 1
    bench.send("new", 1)
    assert groups(bench.take()) == ["g0", "new"]


def test_the_noisy_share_what_the_quiet_leave(bench: Bench) -> None:
    bench.send("a", 1_000)
    bench.take_many(60)
    bench.send("b", 1_000)
    bench.send("quiet", 5)
    shares = groups(bench.take_many(5 + 60))
    assert shares.count("quiet") == 5
    assert shares.count("b") == 60  # until it has as many in flight as the other
    assert groups(bench.take_many(40)).count("b") == 20


def test_long_work_makes_noisy_without_many_in_flight(bench: Bench) -> None:
    bench.send("slow", 20)
    work = bench.take(5)
    bench.now += 20_000
    bench.finish(work)
    bench.send("quick", 1)
    assert groups(bench.take(1)) == ["quick"]
    bench.now += 120_000
    bench.send("quick", 1)
    assert groups(bench.take(1)) == ["slow"]  # that time is no longer recent


def test_a_group_that_has_been_silent_for_long_is_quiet_again(bench: Bench) -> None:
    bench.send("loud", 100)
    bench.take_many(CROWD)
    bench.now += SILENCE_MS
    bench.send("quiet", 1)
    assert groups(bench.take(1)) == ["loud"]
    bench.send("loud", 1)
    assert groups(bench.take(1)) == ["quiet"]


def test_noise_ends_with_the_flights(bench: Bench) -> None:
    bench.send("loud", 100)
    bench.take(10, held_ms=100)
    for _ in range(2):
        bench.take(10, held_ms=100)
    bench.now += 99
    bench.send("quiet", 1)
    assert groups(bench.take(1)) == ["quiet"]
    bench.now += 1
    bench.send("quiet", 1)
    assert groups(bench.take(1)) == ["loud"]


def test_deleting_makes_a_group_quiet_again(bench: Bench) -> None:
    bench.send("loud", 60)
    held = bench.take_many(CROWD)
    bench.now += 1
    bench.finish(held[:1])
    bench.send("quiet", 1)
    assert groups(bench.take()) == ["loud"] * 10  # 29 were in flight; the quiet one waits its turn
    assert groups(bench.take())[0] == "quiet"


def test_it_is_remembered_who_is_noisy_over_a_restart(bench: Bench) -> None:
    bench.send("loud", 100)
    bench.take_many(CROWD)
    bench.send("quiet", 1)
    bench.reopen()
    assert groups(bench.take(1)) == ["quiet"]


def test_a_dead_letter_keeps_its_group(bench: Bench) -> None:
    drafts = [Draft("id", "md5", "x", None, None, 0, "a")]
    bench.table.append(bench.strict, drafts, bench.now)
    bench.table.take(bench.strict, bench.dead, 1, 0, bench.now)
    assert bench.table.take(bench.strict, bench.dead, 1, 0, bench.now).moved
    assert groups(bench.table.take(bench.dead, None, 1, 0, bench.now).messages) == ["a"]


def test_what_was_rolled_back_is_still_found(bench: Bench) -> None:
    bench.send("a", 3)
    rolled_back(bench, lambda: bench.take())
    assert len(bench.take()) == 3


def test_dead_letters_that_were_rolled_back_are_still_found(bench: Bench) -> None:
    drafts = [Draft("id", "md5", "x", None, None, 0, "a")]
    bench.table.append(bench.strict, drafts, bench.now)
    bench.table.take(bench.strict, bench.dead, 1, 0, bench.now)
    rolled_back(bench, lambda: bench.table.take(bench.strict, bench.dead, 1, 0, bench.now))
    assert bench.table.take(bench.strict, None, 1, 0, bench.now).messages


def test_a_noisy_group_is_served_though_the_quiet_never_cease(bench: Bench) -> None:
    """Twenty groups, each with 5 % of the load, keep all consumers busy."""
    bench.send("loud", 1_000)
    bench.finish(bench.take_many(2 * CROWD))
    served: dict[str, int] = {}
    for _ in range(300):
        for group in range(20):
            bench.send(f"g{group}", 1)
        taken = bench.take_many(10)
        bench.now += 500
        bench.finish(taken)
        for group_name in groups(taken):
            served[group_name] = served.get(group_name, 0) + 1
    assert served["loud"] >= 100
    assert min(served.get(f"g{group}", 0) for group in range(20)) >= 50


def test_a_receive_looks_at_few_messages_however_many_wait(bench: Bench) -> None:
    for group in ("loud", "louder", "quiet"):
        bench.send(group, 5_000)
    for _ in range(2 * CROWD):
        bench.take()
    steps = 0

    def count() -> None:
        nonlocal steps
        steps += 1

    bench.database.connection.set_progress_handler(count, 100)  # called every 100 instructions
    bench.take()
    bench.database.connection.set_progress_handler(None, 0)
    assert steps < 200


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("send"), st.sampled_from(["", "a", "b", "c"]), st.integers(1, 60)),
        st.tuples(st.just("take"), st.just(""), st.integers(1, 10)),
        st.tuples(st.just("finish"), st.just(""), st.integers(0, 40)),
        st.tuples(st.just("return"), st.just(""), st.integers(0, 40)),
        st.tuples(st.just("pass"), st.just(""), st.integers(1, 40_000)),
        st.tuples(st.just("restart"), st.just(""), st.just(0)),
    ),
    max_size=40,
)


@settings(
    max_examples=80,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(steps=STEPS)
def test_nothing_waits_in_vain_and_each_group_keeps_its_order(
    steps: list[tuple[str, str, int]], database: Database
) -> None:
    database.connection.execute("DELETE FROM messages")
    database.connection.execute("DELETE FROM queues")
    bench, sent, flying, seen = Bench(database), 0, list[Message](), set[str]()
    for step, group, number in steps:
        if step == "send":
            bench.send(group, number, sent)
            sent += number
        elif step == "take":
            waiting = bench.table.count(bench.queue, bench.now).visible
            taken = bench.take(number)
            assert len(taken) == min(number, waiting)
            first = [m for m in taken if m.receives == 1]
            assert all(numbers(first, g) == sorted(numbers(first, g)) for g in "abc")
            seen.update(message.body for message in taken)
            flying += taken
        elif step == "finish":
            bench.finish(flying[:number])
            flying = flying[number:]
        elif step == "return":
            for message in flying[:number]:
                bench.table.hold(message.handle, 0, bench.now)
            flying = flying[number:]
        elif step == "pass":
            bench.now += min(number, HELD_MS // 50)
        else:
            bench.reopen()
    while taken := bench.take():
        seen.update(message.body for message in taken)
    assert len(seen) == sent
