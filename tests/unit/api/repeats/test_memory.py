"""What is remembered, for how long, and how much of it."""

import math

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from api.repeats.asked import Asked
from api.repeats.memory import Memory
from api.repeats.weight import ANSWER, LABEL, weight
from wire.messages import Answer, Label

SECONDS, MOST, ROOM = 10.0, 3, 4 * ANSWER + 40 * LABEL


def asked(url):
    return Asked("client-a", url, None, None, 5)


def answer(url, number, labels=1):
    label = Label(name=f"thing {number}", class_id="n1", confidence=0.25)
    return Answer(uuid=f"job-{number}", image_url=url, result=label.name, labels=(label,) * labels)


ANY = answer("any", 0)


class Model(RuleBasedStateMachine):
    """Beside the real one a plain list of everything that was ever kept, the latest used last."""

    def __init__(self):
        super().__init__()
        self.now = 0.0
        self.memory = Memory(SECONDS, MOST, ROOM, lambda: self.now)
        self.rows = []  # url, answer, begun, came
        self.number = 0

    urls = st.sampled_from("abcde")

    @rule(seconds=st.sampled_from([0.5, 3.0, 9.5]))
    def pass_time(self, seconds):
        self.now += seconds

    @rule(url=urls, late=st.sampled_from([0.0, 1.0, 5.0]), labels=st.sampled_from([1, 5, 30, 70]))
    def keep(self, url, late, labels):
        self.number += 1
        begun, given = self.now - late, answer(url, self.number, labels)
        self.memory.keep(asked(url), given, begun)
        there = [row for row in self.rows if row[0] == url]
        if there and there[0][2] >= begun:
            return
        self.rows = [row for row in self.rows if row[0] != url and self.now - row[3] < SECONDS]
        self.rows.append((url, given, begun, self.now))
        while len(self.rows) > MOST or self.size() > ROOM:
            self.rows.pop(0)

    @rule(url=urls, oldest=st.sampled_from([math.inf, 4.0, 0.0]))
    def find(self, url, oldest):
        found = self.memory.find(asked(url), oldest)
        row = next((row for row in self.rows if row[0] == url), None)
        if row is not None and self.now - row[3] >= SECONDS:
            self.rows.remove(row)
            row = None
        if row is None or self.now - row[3] > oldest:
            assert found is None
            return
        assert found == (row[1], self.now - row[3])
        self.rows.remove(row)
        self.rows.append(row)

    @invariant()
    def bounded(self):
        assert len(self.memory) == len(self.rows) <= MOST
        assert self.memory._bytes == self.size() <= ROOM
        assert self.memory._ages.keys() == self.memory._kept.keys()

    def size(self):
        return sum(weight(asked(url), a) for url, a, *_ in self.rows)


Model.TestCase.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)
TestMemory = Model.TestCase


@pytest.mark.parametrize(("rate", "asked_again"), [(1, False), (1, True), (7, False), (7, True)])
def test_questions_that_never_come_again_stay_no_longer_than_their_answers_are_good(
    rate, asked_again
):
    """At a steady rate, with far more room than they need, whether one question keeps coming or none."""
    now = 0.0
    memory = Memory(SECONDS, 100_000, clock=lambda: now)
    for number in range(50 * rate):
        now = number / rate
        if asked_again:
            memory.find(asked("again"), math.inf) or memory.keep(asked("again"), ANY, now)
        memory.keep(asked(f"unique {number}"), ANY, now)
        young = [f"unique {n}" for n in range(number + 1) if now - n / rate < SECONDS]
        assert len(memory) == len(young) + asked_again
        assert all(memory._kept[asked(url)] for url in young)
    assert len(memory) == SECONDS * rate + asked_again
    assert memory._bytes <= len(memory) * weight(asked(f"unique {number}"), ANY)


def test_an_answer_that_is_used_all_the_time_expires_beside_others_that_are_not():
    now = 0.0
    memory = Memory(SECONDS, 100_000, clock=lambda: now)
    memory.keep(asked("busy"), ANY, now)
    now = 5.0
    memory.keep(asked("quiet"), ANY, now)
    assert memory.find(asked("busy"), math.inf) == (ANY, 5.0)  # used last, and still the oldest
    now = SECONDS
    memory.keep(asked("new"), ANY, now)
    assert set(memory._kept) == {asked("quiet"), asked("new")}
