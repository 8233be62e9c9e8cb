"""Which replicas are gone, and since when."""

from balancer.inbox import Heard
from balancer.replicas import Replicas
from balancer.watch import Watch
from wire.messages import Report


def listening(now: float = 0.0) -> tuple[Watch, Replicas]:
    watch = Watch(now)
    return watch, Replicas(watch, 30.0)


def look_every_5_s(watch: Watch, start: float, end: float) -> None:
    now = start
    while now <= end:
        watch.looked(now)
        now += 5


def hear(replicas: Replicas, replica: str, at: float, state: str = "busy", **more) -> None:
    report = Report(sender=replica, kind="api", state=state, **more)
    replicas.hear(Heard(report, at=at, sent_at=at))


def test_silence_counts_from_the_last_word() -> None:
    watch, replicas = listening()
    look_every_5_s(watch, 0, 700)
    hear(replicas, "r", 650)
    assert replicas.silent_for("r", 700) == 50
    assert not replicas.has_stopped("r", 700)


def test_one_that_was_never_heard_is_silent_since_it_was_first_listed() -> None:
    watch, replicas = listening(100)
    look_every_5_s(watch, 100, 700)
    replicas.listed("r", 690)
    replicas.listed("r", 695)
    assert replicas.silent_for("r", 700) == 10
    assert replicas.silent_for("unlisted", 700) == 0


def test_a_gap_in_the_listening_is_no_silence_of_one_that_was_never_heard() -> None:
    watch, replicas = listening()
    replicas.listed("r", 0)
    look_every_5_s(watch, 500, 700)
    assert replicas.silent_for("r", 700) == 200


def test_a_queue_that_is_listed_no_more_is_counted_anew_should_it_come_back() -> None:
    watch, replicas = listening()
    replicas.listed("gone", 0)
    replicas.listed("kept", 0)
    look_every_5_s(watch, 0, 700)
    replicas.forget_silent(but={"kept"}, seconds=600, now=700)
    replicas.listed("gone", 700)
    assert replicas.silent_for("gone", 700) == 0
    assert replicas.silent_for("kept", 700) == 700


def test_nobody_is_silent_while_reports_are_not_read() -> None:
    watch, replicas = listening()
    hear(replicas, "r", 0)
    look_every_5_s(watch, 0, 100)
    assert replicas.silent_for("r", 100) == 100
    assert replicas.silent_for("r", 900) == 0
    watch.looked(900)
    assert replicas.silent_for("r", 910) == 10


def test_an_old_report_that_waited_in_the_queue_says_nothing_about_now() -> None:
    watch, replicas = listening()
    look_every_5_s(watch, 0, 600)
    hear(replicas, "r", at=100)
    assert replicas.silent_for("r", 600) == 500


def test_a_replica_that_stopped_stays_stopped() -> None:
    _, replicas = listening()
    hear(replicas, "r", 10, "stopped")
    hear(replicas, "r", 9, "busy")
    hear(replicas, "r", 11, "busy")
    assert replicas.has_stopped("r", 700)


def test_who_says_that_it_goes_and_is_heard_no_more_has_gone() -> None:
    watch, replicas = listening()
    look_every_5_s(watch, 0, 300)
    hear(replicas, "r", 10, "draining")
    assert not replicas.has_stopped("r", 60)
    assert replicas.has_stopped("r", 120)
    hear(replicas, "busy", 10)
    assert not replicas.has_stopped("busy", 300)


def test_the_oldest_wait_holds_until_the_next_heartbeat_is_overdue() -> None:
    _, replicas = listening()
    assert replicas.oldest_wait(0) is None
    hear(replicas, "r", 10, oldest_wait=4.0)
    hear(replicas, "s", 10, oldest_wait=1.0)
    hear(replicas, "t", 10)
    assert replicas.oldest_wait(40) == 4.0
    assert replicas.oldest_wait(100) is None


def test_the_heartbeat_that_is_set_is_the_one_awaited() -> None:
    replicas = Replicas(Watch(0.0), heartbeat=120.0)
    hear(replicas, "r", 10, oldest_wait=4.0)
    assert replicas.oldest_wait(130) == 4.0
    assert replicas.oldest_wait(136) is None


def test_what_is_long_silent_and_has_no_queue_is_forgotten() -> None:
    watch, replicas = listening()
    hear(replicas, "gone", 0, "stopped")
    hear(replicas, "kept", 0, "stopped")
    look_every_5_s(watch, 0, 700)
    replicas.forget_silent(but={"kept"}, seconds=600, now=700)
    assert not replicas.has_stopped("gone", 700)
    assert replicas.has_stopped("kept", 700)
