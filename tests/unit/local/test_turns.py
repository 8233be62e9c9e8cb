"""Whose turn it is, where two groups are due in the same millisecond or equally loud."""

from local.sqs.flights import CROWD
from local.sqs.lanes import Head, Lanes
from local.sqs.turns import Candidate, Shelf, Turns


class Messages:
    """A shelf of messages by group, each `(visible_ms, id)`."""

    def __init__(self, **groups: list[tuple[int, int]]) -> None:
        self.groups = groups
        self.shelf = Shelf(self._ready, self._due)
        self.turns = Turns()
        for group, messages in groups.items():
            self.turns.lanes.lower(group, messages[0][0])

    def take(self, limit: int) -> list[int]:
        return [one.id for one in self.turns.choose(self.shelf, limit, now=100)]

    def fly(self, group: str, count: int) -> None:
        for message in range(count):
            self.turns.flights.start(hash((group, message)), group, 0, 1_000_000)

    def _ready(self, group: str, limit: int) -> list[Candidate]:
        ready = [(at, id_) for at, id_ in self.groups[group] if at <= 100]
        return [Candidate(at, id_, 0, group) for at, id_ in ready[:limit]]

    def _due(self, group: str) -> int | None:
        return min((at for at, _ in self.groups[group]), default=None)


def test_of_the_same_millisecond_the_first_sent_comes_first() -> None:
    assert Messages(z=[(7, 1), (7, 2)], a=[(7, 3), (7, 4)]).take(2) == [1, 2]


def test_quiet_groups_come_in_the_order_of_all_their_messages() -> None:
    messages = Messages(a=[(1, 1), (4, 4), (6, 6)], b=[(2, 2), (5, 5)], c=[(3, 3), (101, 7)])
    assert messages.take(10) == [1, 2, 3, 4, 5, 6]


def test_two_equally_loud_groups_take_turns_within_one_receive() -> None:
    messages = Messages(a=[(1, n) for n in range(10)], b=[(2, n) for n in range(10, 20)])
    messages.fly("a", CROWD)
    messages.fly("b", CROWD)
    assert sorted(messages.take(10)) == [0, 1, 2, 3, 4, 10, 11, 12, 13, 14]


def test_a_head_that_was_set_twice_stands_in_line_once() -> None:
    lanes = Lanes()
    for due_ms in (9, 5, 9):
        lanes.put("a", due_ms)
    assert lanes.first() == Head(9, "a")
    lanes.pop()
    assert lanes.first() is None


def test_the_next_message_is_found_though_the_head_was_too_early() -> None:
    messages = Messages(a=[(50, 1)], b=[(60, 2)])
    messages.turns.lanes.put("a", 10)
    assert messages.turns.next_due(messages.shelf) == 50
    messages.groups["a"].clear()
    assert messages.turns.next_due(messages.shelf) == 60
