"""When an answer waits for others to travel with."""

import pytest

from worker.company import LEAST, PATIENCE, patience


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
    assert patience(busy, most) == (PATIENCE if waits else 0.0)
