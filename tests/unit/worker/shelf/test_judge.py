"""A canary that is worse is told from one that had bad luck."""

import random

import pytest

from worker.shelf.judge import ENOUGH, UNLIKELY, Numbers, chance, verdict


def numbers(answered: int, failed: int = 0, cost: float = 0.01, spread: float = 0.0) -> Numbers:
    found = Numbers(failed=failed)
    rng = random.Random(answered)
    for _ in range(answered):
        found.did(cost * (1 + spread * rng.random()))
    return found


def test_what_happened_is_as_likely_as_the_books_say():
    # Fisher's lady: 4 of 4 cups, one way in 70.
    lady = chance(Numbers(answered=0, failed=4), Numbers(answered=4, failed=0))
    assert lady == pytest.approx(1 / 70)
    assert chance(Numbers(), Numbers()) == 1.0
    assert chance(numbers(10), numbers(90)) == 1.0


@pytest.mark.parametrize(
    ("canary", "usual", "goes"),
    [
        (numbers(0, failed=4), numbers(40), True),
        (numbers(0, failed=1), numbers(400), False),  # one is no proof
        (numbers(30, failed=12), numbers(300, failed=3), True),
        (numbers(30, failed=3), numbers(300, failed=30), False),  # the pictures are like that
        (numbers(90, failed=0), numbers(10, failed=10), False),  # it is better
        (numbers(0, failed=3), numbers(3), False),
    ],
)
def test_failures_count_beside_those_of_the_version_in_service(canary, usual, goes):
    why = verdict(canary, usual)
    assert (why is not None) is goes
    assert why is None or why.startswith("it fails more: ")


@pytest.mark.parametrize(
    ("mine", "its", "goes"),
    [(0.020, 0.010, True), (0.016, 0.010, False), (0.001, 0.0002, False), (0.008, 0.010, False)],
)
def test_speed_is_the_median_cost(mine, its, goes):
    why = verdict(numbers(ENOUGH, cost=mine), numbers(ENOUGH, cost=its))
    assert (why is not None) is goes
    assert why is None or why.startswith("it is slower: 20.0 ms of a core")


def test_a_few_pictures_say_nothing_of_speed():
    assert verdict(numbers(ENOUGH - 1, cost=1.0), numbers(1000)) is None


def test_only_like_batches_are_compared():
    """On many cores a lonely picture costs ten times as much of them, and who is lonely is chance."""
    canary, usual = Numbers(), Numbers()
    for _ in range(60):
        canary.did(0.3, cores=64)
        usual.did(0.03, cores=1)
    for _ in range(ENOUGH - 1):
        canary.did(0.03, cores=1)
        usual.did(0.3, cores=64)
    assert verdict(canary, usual) is None
    canary.did(0.03, cores=1)
    assert verdict(canary, usual) is None
    for _ in range(ENOUGH):
        canary.did(0.06, cores=1)
    assert (verdict(canary, usual) or "").startswith("it is slower: 60.0 ms")


def test_a_hiccup_is_no_verdict():
    canary, usual = numbers(60), numbers(600)
    for _ in range(20):
        canary.did(2.0)
    assert verdict(canary, usual) is None


def test_equals_are_hardly_ever_told_apart():
    """A thousand workers, each with its own luck, look at a canary that is as good as the other."""
    rng = random.Random(7)
    wrong = 0
    for _ in range(1000):
        canary, usual = Numbers(), Numbers()
        for _ in range(100):
            who = canary if rng.random() < 0.1 else usual
            if rng.random() < 0.05:
                who.failed += 1
            else:
                who.did(rng.expovariate(100))
        wrong += canary.failed > 0 and chance(canary, usual) < UNLIKELY
    assert wrong <= 1
