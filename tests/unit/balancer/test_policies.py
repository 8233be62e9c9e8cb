"""Policies are found by the names of their files."""

import pytest

from balancer import policies
from balancer.others import Others
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


def test_a_file_anywhere_is_a_policy_by_its_path(tmp_path) -> None:
    (tmp_path / "mine.py").write_text(
        "from math import ceil\n"
        "from balancer.steps import toward\n"
        "def plan(snapshot, limits, now):\n"
        "    return toward(ceil(snapshot.queued / 10), snapshot, limits, 'mine', {})\n"
    )
    name = str(tmp_path / "mine.py")
    assert policies.find(name)(Snapshot(20, 0, workers=1), Limits(), 0.0).launch == 1
    policies.check(BalancerSettings(policy=name, shadow=name))
    opinions = Others.but("criterion", name).opinions(Snapshot(20, 0, workers=1), Limits(), 0.0)
    assert opinions[name].reason == "mine"
    assert name not in Others.but(name, name).opinions(Snapshot(0, 0, workers=1), Limits(), 0.0)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (None, "there is no file"),
        ("def plan(", "cannot be loaded: SyntaxError"),
        ("import nowhere_to_be_found", "cannot be loaded: ModuleNotFoundError"),
        ("wanted = 3", "has no function plan"),
    ],
)
def test_a_file_that_is_no_policy_is_refused_with_the_reason(tmp_path, text, said) -> None:
    file = tmp_path / "mine.py"
    if text is not None:
        file.write_text(text)
    with pytest.raises(SettingsError, match=rf"CLASSIFYCLOUD_SHADOW=.*mine\.py.*{said}"):
        policies.check(BalancerSettings(shadow=str(file)))


@pytest.mark.parametrize("name", ["", "nonsense", "../plan", "criterion.plan"])
def test_an_unknown_name_is_answered_with_those_there_are(name: str) -> None:
    with pytest.raises(policies.UnknownPolicy, match="criterion"):
        policies.find(name)


@pytest.mark.parametrize("field", ["policy", "shadow"])
def test_a_setting_that_names_none_is_named(field: str) -> None:
    policies.check(BalancerSettings(**{field: "keda"}))
    with pytest.raises(SettingsError, match=f"CLASSIFYCLOUD_{field.upper()}='nosuch'.*criterion"):
        policies.check(BalancerSettings(**{field: "nosuch"}))
