"""Policies are found by the names of their files."""

import pytest

from balancer import policies
from balancer.plan import Limits, Snapshot
from wire.settings import BalancerSettings, SettingsError


def test_every_file_is_a_policy_that_can_be_called() -> None:
    assert "criterion" in policies.names()
    for name in policies.names():
        found = policies.find(name)(Snapshot(queued=7, in_flight=0, workers=0), Limits(), 0.0)
        assert found.launch > 0
        assert found.reason


def test_a_policy_is_added_as_one_file(tmp_path, monkeypatch) -> None:
    (tmp_path / "ever_three.py").write_text(
        "from balancer.plan import Plan\n"
        "def plan(snapshot, limits, now):\n"
        "    return Plan(desired=3, reason='three', launch=3 - snapshot.workers)\n"
    )
    monkeypatch.setattr(policies, "__path__", [*policies.__path__, str(tmp_path)])
    found = policies.find("ever-three")(Snapshot(0, 0, workers=1), Limits(), 0.0)
    assert found.launch == 2


@pytest.mark.parametrize("name", ["", "nonsense", "../plan", "criterion.plan"])
def test_an_unknown_name_is_answered_with_those_there_are(name: str) -> None:
    with pytest.raises(policies.UnknownPolicy, match="criterion"):
        policies.find(name)


@pytest.mark.parametrize("field", ["policy", "shadow"])
def test_a_setting_that_names_none_is_named(field: str) -> None:
    policies.check(BalancerSettings(**{field: "keda"}))
    with pytest.raises(SettingsError, match=f"CLASSIFYCLOUD_{field.upper()}='nosuch'.*criterion"):
        policies.check(BalancerSettings(**{field: "nosuch"}))
