"""Three setbacks in a row, one after another, and a minute of rest."""

from wire.setbacks import ENOUGH, REST, Setbacks


def test_enough_in_a_row_bring_a_rest_that_ends():
    setbacks = Setbacks()
    for number in range(ENOUGH):
        assert not setbacks.resting(number)
        setbacks.setback(number, number + 0.5)
    fell = ENOUGH - 0.5
    assert setbacks.resting(fell)
    assert setbacks.resting(fell + REST - 0.1)
    assert not setbacks.resting(fell + REST)


def test_after_a_rest_it_takes_as_many_again():
    setbacks = Setbacks()
    for number in range(ENOUGH):
        setbacks.setback(number, number)
    setbacks.setback(1000, 1000)
    assert not setbacks.resting(1000)


def test_a_success_between_them_starts_anew():
    setbacks = Setbacks()
    for number in range(3 * ENOUGH):
        setbacks.setback(number, number)
        setbacks.success()
    assert not setbacks.resting(3 * ENOUGH)


def test_what_failed_side_by_side_failed_once():
    setbacks = Setbacks()
    for number in range(8):
        setbacks.setback(0, 1 + number / 100)
    assert not setbacks.resting(1.1)
