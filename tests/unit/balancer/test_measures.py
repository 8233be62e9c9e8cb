"""What is measured: boots, pictures, arrivals."""

import pytest

from balancer.arrivals import Arrivals
from balancer.fleet import FleetWorker
from balancer.inbox import Heard
from balancer.ledger import Ledger
from balancer.measures import RECENT, Measures
from balancer.replicas import Replicas
from balancer.watch import Watch
from wire.messages import Report


def test_a_boot_is_from_the_launch_to_the_first_ready() -> None:
    ledger = Ledger()
    # Launched at 5000 by the fleet's clock, first seen 3 s later, ready 45 s after its launch.
    ledger.admit([FleetWorker("a", 5000.0)], 103.0)
    ledger.hear(Heard(Report(sender="a", kind="worker", state="started"), 120.0, 5020.0))
    assert ledger.measures.boot_seconds is None
    ledger.hear(Heard(Report(sender="a", kind="worker", state="ready"), 145.0, 5045.0))
    ledger.hear(Heard(Report(sender="a", kind="worker", state="ready"), 175.0, 5075.0))
    assert list(ledger.measures.boots) == [45.0]


def test_clocks_that_differ_are_not_believed() -> None:
    measures = Measures()
    measures.booted(provided=3645.0, observed=42.0)
    measures.booted(provided=-3555.0, observed=44.0)
    assert list(measures.boots) == [42.0, 44.0]


def test_who_was_ready_before_it_was_seen_says_nothing_of_boots() -> None:
    measures = Measures()
    measures.booted(provided=900.0, observed=-5.0)
    assert measures.boot_seconds is None
    measures.booted(provided=4.0, observed=-0.5)  # started a moment before the first tick
    assert measures.boot_seconds == 4.0


def test_one_slow_boot_changes_little_and_old_ones_are_forgotten() -> None:
    measures = Measures()
    for _ in range(RECENT):
        measures.booted(10.0, 10.0)
    measures.booted(300.0, 300.0)
    assert measures.boot_seconds == 10.0
    for _ in range(RECENT):
        measures.booted(45.0, 45.0)
    assert measures.boot_seconds == 45.0


def test_one_on_standby_is_no_capacity_until_it_is_activated() -> None:
    ledger = Ledger()
    ledger.admit([FleetWorker("a", 5000.0)], 100.0)
    waits = Report(sender="a", kind="worker", state="ready", standby=True)
    ledger.hear(Heard(waits, 110.0, 5010.0))
    assert ledger.rows["a"].launching
    assert not ledger.rows["a"].idle
    ledger.hear(Heard(Report(sender="a", kind="worker", state="ready"), 130.0, 5030.0))
    assert ledger.rows["a"].idle


def test_a_picture_takes_what_a_worker_with_enough_to_do_shows() -> None:
    measures = Measures()
    assert measures.worked([], []) is None
    assert measures.worked([], [0.3, 0.5]) == pytest.approx(0.4)
    # Three workers of 10, 20 and 60 a second are worth three of 30.
    assert measures.worked([10.0, 20.0, 60.0], [0.3]) == pytest.approx(1 / 30)
    # What was measured is not forgotten with the workers, nor mixed with what means something else.
    assert measures.worked([], [0.3]) == pytest.approx(1 / 30)


def test_arrivals_are_the_larger_of_what_is_told_and_what_is_seen() -> None:
    assert Arrivals().count(submitted=7, growth=3) == 7
    assert Arrivals().count(submitted=3, growth=7) == 7
    assert Arrivals().count(submitted=0, growth=-9) == 0


def test_what_was_seen_first_is_not_counted_again_when_it_is_told() -> None:
    arrivals = Arrivals()
    assert arrivals.count(submitted=20, growth=100) == 100
    assert arrivals.count(submitted=80, growth=-50) == 0
    assert arrivals.count(submitted=30, growth=-50) == 30


def test_what_nobody_tells_of_does_not_hide_what_comes_later() -> None:
    arrivals = Arrivals()
    arrivals.count(submitted=0, growth=100)
    for _ in range(2):
        arrivals.count(submitted=0, growth=-50)
    assert arrivals.count(submitted=30, growth=0) == 30


def told(replica: str, submitted: int, sent_at: float, state: str = "busy") -> Heard:
    report = Report(sender=replica, kind="api", state=state, submitted=submitted)
    return Heard(report, sent_at, sent_at)


def test_replicas_add_up_what_they_submitted_since_it_was_last_asked() -> None:
    replicas = Replicas(Watch(0.0), 30.0)
    replicas.hear(told("new", 0, 1.0, "started"))
    replicas.hear(told("old", 500, 1.0))  # it ran before this balancer listened
    assert replicas.submitted() == 0
    replicas.hear(told("new", 4, 2.0))
    replicas.hear(told("old", 510, 2.0))
    replicas.hear(told("old", 505, 1.5))  # overtaken
    assert replicas.submitted() == 14
    assert replicas.submitted() == 0
