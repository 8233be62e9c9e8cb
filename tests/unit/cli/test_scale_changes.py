"""What `scale` writes, and what it refuses."""

import pytest
import typer

from balancer import keeping, operator
from balancer.saved import Holds, Saved
from cli.scale import _changed
from cli.scale_report import report
from wire.memory import MemoryStore
from wire.ruling import Ruling

HOLDS = Holds(
    policy="forecast",
    set_min=5,
    set_max=10,
    min_workers=5,
    max_workers=10,
    bound="W_max",
    every=5.0,
    paused=False,
    workers=5,
    hourly=0.0,
)


@pytest.fixture
def store() -> MemoryStore:
    return MemoryStore()


async def ledger(store: MemoryStore) -> None:
    kept = Saved(epoch=1, tick=1, holds=HOLDS).encode().encode()
    await store.put(keeping.KEY, kept)


async def ruling(store: MemoryStore) -> Ruling:
    return Ruling.read(await store.get(operator.KEY))


@pytest.mark.parametrize("before", [Ruling(max_workers=3).encode().encode(), b"{half"])
async def test_a_pause_is_always_taken(store, before) -> None:
    await ledger(store)
    await store.put(operator.KEY, before)
    await _changed(store, {"paused": True}, reset=False)
    assert (await ruling(store)).paused
    await _changed(store, {"paused": False}, reset=False)
    assert not (await ruling(store)).paused


async def test_what_the_settings_contradict_by_now_is_said(store) -> None:
    await ledger(store)
    await store.put(operator.KEY, Ruling(max_workers=3).encode().encode())
    text = report(await _changed(store, {}, reset=False), "the service on d", changed=False)
    assert "a least number of 5 is above the greatest, 3, which holds" in text


async def test_contradictory_limits_are_refused(store) -> None:
    await ledger(store)
    with pytest.raises(typer.Exit):
        await _changed(store, {"min_workers": 50}, reset=False)
    assert await store.get(operator.KEY) is None


async def test_before_a_balancer_told_its_limits_it_is_said_that_they_may_hold(store) -> None:
    standing = await _changed(store, {"min_workers": 50}, reset=False)
    assert "if it is lower, it holds" in report(standing, "the service on d", changed=True)
    with pytest.raises(typer.Exit):
        await _changed(store, {"max_workers": 49}, reset=False)
