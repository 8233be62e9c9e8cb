"""The workers that start before S3 is reached."""

import pytest

from balancer.__main__ import _least
from balancer.operator import KEY, Desk
from balancer.plan import Limits
from balancer.ruling import Ruling
from wire.memory import MemoryStore
from wire.settings import BalancerSettings

LIMITS = Limits(min_workers=2, max_workers=4)


@pytest.mark.parametrize(
    ("ruling", "least"),
    [({}, 2), ({"min_workers": 0}, 0), ({"min_workers": 3}, 3), ({"paused": True}, 0)],
)
async def test_they_are_as_many_as_the_operator_last_said(tmp_path, ruling, least) -> None:
    settings = BalancerSettings(fleet_dir=tmp_path)
    assert _least(settings, LIMITS) == 2
    store = MemoryStore()
    desk = Desk(store, LIMITS, tmp_path / "operator")
    await store.put(KEY, Ruling(**ruling).encode().encode())
    await desk.look()
    assert _least(settings, LIMITS) == least
    await store.delete(KEY)
    await desk.look()
    assert _least(settings, LIMITS) == 2


def test_a_damaged_file_says_nothing(tmp_path) -> None:
    (tmp_path / "operator").write_bytes(b"{half")
    assert _least(BalancerSettings(fleet_dir=tmp_path), LIMITS) == 2
