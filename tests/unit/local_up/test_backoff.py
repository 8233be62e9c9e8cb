"""How long a part that died stays down."""

from itertools import accumulate

from local.up.backoff import Backoff


def delays(lives: list[float]) -> list[float]:
    states = accumulate(lives, Backoff.died, initial=Backoff())
    return [state.delay for state in states][1:]


def test_doubles_from_half_a_second_and_stays_at_thirty() -> None:
    assert delays([0.1] * 9) == [0.5, 1, 2, 4, 8, 16, 30, 30, 30]


def test_a_minute_of_health_forgives_what_came_before() -> None:
    assert delays([1, 1, 1, 60.0, 1]) == [0.5, 1, 2, 0.5, 1]
    assert delays([1, 1, 1, 59.9, 1]) == [0.5, 1, 2, 4, 8]


def test_bears_any_number_of_deaths() -> None:
    assert Backoff(10**6).delay == 30


def test_nothing_is_waited_for_before_the_first_death() -> None:
    assert Backoff().delay == 0
