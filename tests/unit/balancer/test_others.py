"""Policies that are only asked."""

from balancer import policies
from balancer.others import Others
from balancer.plan import Limits, Plan, Snapshot
from tests.logged import capture_logs

SAW = Snapshot(queued=20, in_flight=0, workers=1)


def broken(saw, limits, now) -> Plan:
    raise ZeroDivisionError("a bug")


def test_every_policy_but_the_chosen_one_is_asked() -> None:
    opinions = Others.but("criterion").opinions(SAW, Limits(max_workers=9), 0.0)
    assert set(opinions) == set(policies.names()) - {"criterion"}
    assert all(each.fault is None for each in opinions.values())


def test_the_opinion_is_the_plan_of_that_policy() -> None:
    opinion = Others({"criterion": policies.find("criterion")}).opinions(
        SAW, Limits(max_workers=9), 0.0
    )["criterion"]
    assert (opinion.desired, opinion.launch, opinion.terminate) == (4, 3, 0)


def test_one_that_breaks_is_recorded_told_once_and_harms_nobody() -> None:
    others = Others({"broken": broken, "criterion": policies.find("criterion")})
    with capture_logs() as said:
        for _ in range(5):
            opinions = others.opinions(SAW, Limits(), 0.0)
            assert "ZeroDivisionError" in opinions["broken"].fault
            assert opinions["criterion"].fault is None
    assert [line["event"] for line in said] == ["policy broke while it was asked beside"]
