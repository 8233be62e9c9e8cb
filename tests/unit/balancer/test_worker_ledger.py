"""The ledger: who counts as capacity, whatever order the reports come in."""

from balancer.fleet import FleetWorker
from balancer.inbox import Heard
from balancer.ledger import UNANSWERED_FOR, Ledger
from wire.messages import Report, Terminate


def heard(worker: str, state: str, at: float, sent_at: float | None = None, **more) -> Heard:
    report = Report(sender=worker, kind="worker", state=state, **more)
    return Heard(report, at=at, sent_at=at if sent_at is None else sent_at)


def of(*workers: str) -> list[FleetWorker]:
    return [FleetWorker(worker, launched_at=5.0) for worker in workers]


def ready(ledger: Ledger, *workers: str, at: float = 0.0) -> None:
    ledger.admit(of(*workers), at)
    for worker in workers:
        ledger.hear(heard(worker, "ready", at))


def test_a_launched_worker_is_capacity_before_it_has_said_a_word() -> None:
    ledger = Ledger()
    ledger.admit(of("a", "b"), 0.0)
    assert ledger.staying(0.0) == 2
    assert all(row.launching and not row.idle and not row.busy for row in ledger.rows.values())


def test_states_follow_the_reports() -> None:
    ledger = Ledger()
    ledger.admit(of("a"), 0.0)
    row = ledger.rows["a"]
    ledger.hear(heard("a", "started", 1))
    assert row.launching
    ledger.hear(heard("a", "ready", 2))
    assert (row.launching, row.idle, row.ready_at) == (False, True, 2)
    ledger.hear(heard("a", "busy", 3, busy=4))
    assert (row.busy, row.idle, row.ready_at) == (True, False, 2)
    ledger.hear(heard("a", "idle", 4))
    assert row.idle
    ledger.hear(heard("a", "draining", 5))
    assert row.leaving
    assert not row.idle
    assert ledger.staying(5) == 0


def test_a_report_that_was_overtaken_changes_nothing() -> None:
    ledger = Ledger()
    ready(ledger, "a")
    ledger.hear(heard("a", "draining", at=9, sent_at=9))
    ledger.hear(heard("a", "busy", at=8, sent_at=8))
    assert ledger.rows["a"].leaving


def test_nobody_comes_back_from_draining() -> None:
    ledger = Ledger()
    ready(ledger, "a")
    ledger.hear(heard("a", "draining", 1))
    ledger.hear(heard("a", "busy", 2))
    assert ledger.rows["a"].leaving


def test_reports_of_strangers_are_ignored() -> None:
    ledger = Ledger()
    ledger.hear(heard("stranger", "ready", 0))
    assert ledger.staying(0) == 0


def test_unanswered_terminates_are_taken_off_until_they_expire() -> None:
    ledger = Ledger()
    ready(ledger, "a", "b", "c")
    ledger.terminates_sent(2, 10.0)
    assert ledger.staying(10.0) == 1
    assert ledger.staying(10.0 + UNANSWERED_FOR - 0.1) == 1
    assert ledger.staying(10.0 + UNANSWERED_FOR) == 3


def test_an_answered_terminate_is_not_taken_off_twice() -> None:
    ledger = Ledger()
    ready(ledger, "a", "b", "c")
    ledger.terminates_sent(2, 10.0)
    ledger.hear(heard("a", "draining", 10.1))
    assert ledger.staying(10.2) == 1
    ledger.hear(heard("a", "stopped", 10.3))
    assert ledger.staying(10.4) == 1
    ledger.dismiss(of("b", "c"), 10.5)
    assert ledger.staying(10.6) == 1


def test_a_worker_that_goes_for_another_reason_answers_no_terminate() -> None:
    ledger = Ledger()
    ready(ledger, "a", "b", "c")
    ledger.terminates_sent(1, 10.0)
    ledger.hear(heard("a", "draining", 10.1, reason="spot notice: terminate 2026-09-18T08:22:00Z"))
    assert (ledger.staying(10.2), ledger.unanswered(10.2)) == (1, 1)
    taken = Terminate(reason="queue empty", tick=7).taken()
    ledger.hear(heard("b", "draining", 10.3, reason=taken))
    assert (ledger.staying(10.4), ledger.unanswered(10.4)) == (1, 0)


def test_more_terminates_than_workers_is_no_negative_capacity() -> None:
    ledger = Ledger()
    ready(ledger, "a")
    ledger.terminates_sent(5, 0.0)
    assert ledger.staying(0.0) == 0


def test_whoever_is_gone_is_dropped_and_named() -> None:
    ledger = Ledger()
    ready(ledger, "a", "b")
    gone = ledger.dismiss(of("b"), 1.0)
    assert [row.id for row in gone] == ["a"]
    assert not gone[0].leaving
    assert ledger.staying(1.0) == 1


def test_a_worker_that_is_being_ended_is_no_capacity() -> None:
    ledger = Ledger()
    ledger.admit([FleetWorker("a", 0.0, ending=True), FleetWorker("b", 0.0)], 0.0)
    assert ledger.staying(0.0) == 1


def test_served_pictures_add_up_over_workers_that_come_and_go() -> None:
    ledger = Ledger()
    ledger.admit(of("a", "b"), 0.0)
    ledger.hear(heard("a", "started", 0))
    ledger.hear(heard("a", "idle", 1, served=7))
    ledger.hear(heard("b", "busy", 1, served=100))  # adopted: what it did before is not new
    ledger.hear(heard("b", "busy", 2, served=103))
    ledger.dismiss(of("b"), 3)
    assert ledger.served == 10


def test_boots_that_fail_hold_launches_back_for_longer_and_longer() -> None:
    ledger = Ledger()
    holds = []
    for number in range(6):
        ledger.admit(of(f"w{number}"), 100.0)
        ledger.dismiss([], 100.0)
        holds.append(ledger.hold_left(100.0))
    assert holds == [5, 10, 20, 40, 60, 60]
    assert ledger.hold_left(161.0) == 0


def test_one_ready_worker_ends_the_hold() -> None:
    ledger = Ledger()
    ledger.admit(of("a"), 0.0)
    ledger.dismiss([], 0.0)
    ready(ledger, "b", at=1.0)
    assert ledger.hold_left(1.0) == 0


def test_a_worker_whose_model_does_not_load_is_a_failed_boot_though_it_said_stopped() -> None:
    ledger = Ledger()
    ledger.admit(of("a", "b"), 0.0)
    ledger.terminates_sent(1, 0.0)
    ledger.hear(heard("a", "started", 1))
    ledger.hear(heard("a", "stopped", 2))
    assert ledger.staying(2.0) == 0  # it answered no terminate message: that one is still out
    assert [row.failed_to_boot for row in ledger.dismiss(of("b"), 3.0)] == [True]
    assert ledger.hold_left(3.0) == 5


def test_a_worker_that_was_told_to_go_before_it_was_ready_is_no_failure() -> None:
    ledger = Ledger()
    ledger.admit([FleetWorker("a", 0.0, ending=True), FleetWorker("b", 0.0)], 0.0)
    ledger.hear(heard("b", "draining", 1))  # its report of being ready was lost
    ledger.dismiss([], 2.0)
    assert ledger.hold_left(2.0) == 0


def test_the_longest_wait_is_of_all_reports_since_it_was_last_asked() -> None:
    ledger = Ledger()
    ledger.admit(of("a"), 0.0)
    ledger.hear(heard("a", "busy", 1, oldest_wait=7.0))
    ledger.hear(heard("a", "idle", 2))
    assert ledger.longest_wait() == 7.0
    assert ledger.longest_wait() is None


def test_the_service_time_is_the_last_that_was_measured() -> None:
    ledger = Ledger()
    ledger.admit(of("a"), 0.0)
    ledger.hear(heard("a", "busy", 1, service_seconds=0.2))
    ledger.hear(heard("a", "idle", 2))
    assert ledger.rows["a"].service_seconds == 0.2


def test_a_standby_that_was_woken_again_begins_anew() -> None:
    ledger = Ledger()
    ready(ledger, "a", at=10.0)
    ledger.hear(heard("a", "stopped", 20.0))
    ledger.admit([FleetWorker("a", launched_at=25.0)], 26.0)
    row = ledger.rows["a"]
    assert row.launching
    ledger.hear(heard("a", "stopped", at=27.0, sent_at=21.0))
    assert row.launching, "an old word that came late"
    ledger.hear(heard("a", "idle", 30.0))
    assert row.idle
    ledger.admit([FleetWorker("a", launched_at=25.0)], 31.0)
    assert ledger.rows["a"] is row


def test_a_start_that_shows_late_takes_nothing_back() -> None:
    ledger = Ledger()
    ledger.admit(of("a"), 10.0)
    ledger.hear(heard("a", "ready", 40.0))
    ledger.admit([FleetWorker("a", launched_at=25.0)], 41.0)
    assert ledger.rows["a"].idle


def test_an_end_that_the_fleet_forgot_is_none() -> None:
    ledger = Ledger()
    ledger.admit([FleetWorker("a", 0.0, ending=True), FleetWorker("b", 0.0, promised=True)], 0.0)
    ledger.rows["b"].ending = True
    ledger.admit([FleetWorker("a", 0.0), FleetWorker("b", 0.0, promised=True)], 5.0)
    assert not ledger.rows["a"].ending
    assert ledger.rows["b"].ending, "nobody can end who was but promised"
