"""What replicas say of their answers, added up over reports that overtake each other and begin anew."""

from balancer.answered import Answers
from balancer.inbox import Heard
from wire.messages import Report


def heard(sender, codes, seconds=None, state="ready", at=0.0, watched=False):
    report = Report(
        sender=sender, kind="api", state=state, codes=codes, seconds=seconds, watched=watched
    )
    return Heard(Report.decode(report.encode()), sent_at=at, at=at)


def test_two_replicas_are_added_up() -> None:
    answers = Answers(recent=35)
    for sender in ("a", "b"):
        answers.hear(heard(sender, {}, state="started"))
        answers.hear(heard(sender, {"ok": 5, "timed_out": 1}, {3: 4, 9: 1}, at=5))
    assert answers.take().codes == {"ok": 10, "timed_out": 2}
    answers.hear(heard("a", {"ok": 7, "timed_out": 1}, {3: 6, 9: 1}, at=10))
    found = answers.take()
    assert (found.codes, found.seconds) == ({"ok": 2}, {3: 2})
    assert answers.take().codes == {}


def test_a_report_that_was_overtaken_counts_nothing_twice() -> None:
    answers = Answers(recent=35)
    answers.hear(heard("a", {}, state="started"))
    answers.hear(heard("a", {"ok": 9}, at=10))
    answers.hear(heard("a", {"ok": 4}, at=5))
    answers.hear(heard("a", {"ok": 11}, at=15))
    assert answers.take().codes == {"ok": 11}


def test_what_was_answered_before_a_balancer_came_is_not_news() -> None:
    answers = Answers(recent=35)
    answers.hear(heard("a", {"ok": 4000}))
    assert answers.take().codes == {}
    answers.begin()
    answers.hear(heard("a", {"ok": 9000}))
    assert answers.take().codes == {}


def test_somebody_looks_until_the_replica_says_otherwise_or_nothing() -> None:
    answers = Answers(recent=35)
    answers.hear(heard("a", {}, at=0, watched=True))
    assert answers.watched(30)
    assert not answers.watched(36)
    answers.hear(heard("a", {}, at=40, watched=True))
    answers.hear(heard("a", {}, at=45))
    assert not answers.watched(46)


def test_a_replica_of_before_says_nothing_of_it() -> None:
    answers = Answers(recent=35)
    answers.hear(heard("a", None))
    assert answers.take().codes == {}
