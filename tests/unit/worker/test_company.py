"""When an answer waits for others to travel with."""

import pytest

from wire.rush import MANY
from worker.company import LEAST, PATIENCE, Company


def last(busy, most, pause):
    """How long the last of some answers waits that come so many seconds after each other."""
    company = Company()
    return [company.patience(busy, most, number * pause) for number in range(2 * MANY)][-1]


@pytest.mark.parametrize(
    ("busy", "most", "waits"),
    [
        (1, 40, False),  # a client alone
        (8, 40, False),  # as many as the engine has in work on two cores
        (LEAST, 40, True),
        (40, 40, True),
        (LEAST, 400, False),  # a large machine that has little to do
        (200, 400, True),
    ],
)
def test_it_waits_only_while_there_is_more_in_hand_than_in_work(busy, most, waits):
    assert last(busy, most, PATIENCE) == (PATIENCE if waits else 0.0)


@pytest.mark.parametrize(
    ("busy", "pause", "waits"),
    [
        (LEAST, 0.005, True),
        (LEAST, PATIENCE / (MANY - 1) * 1.1, False),
        (LEAST - 1, 0.005, False),  # a few clients who are answered at once
    ],
)
def test_on_a_large_machine_it_waits_as_well_where_many_come(busy, pause, waits):
    assert last(busy, 400, pause) == (PATIENCE if waits else 0.0)
