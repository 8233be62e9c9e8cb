"""The operator's word."""

from pathlib import Path

import pytest

from balancer.operator import KEY, Desk
from balancer.plan import Limits
from balancer.ruling import Ruling, copied
from wire.errors import QueueUnavailable
from wire.memory import MemoryStore

LIMITS = Limits(qos=7, min_workers=1, max_workers=4)


@pytest.fixture
def store() -> MemoryStore:
    return MemoryStore()


async def say(store: MemoryStore, **ruling) -> None:
    await store.put(KEY, Ruling(**ruling).encode().encode())


async def test_without_a_word_the_settings_hold(store) -> None:
    desk = Desk(store, LIMITS)
    await desk.look()
    assert (desk.limits, desk.paused) == (LIMITS, False)


async def test_what_the_operator_says_goes_over_the_settings(store) -> None:
    desk = Desk(store, LIMITS)
    await say(store, max_workers=9, paused=True)
    await desk.look()
    assert (desk.limits.min_workers, desk.limits.max_workers, desk.limits.qos) == (1, 9, 7)
    assert (desk.limits.max_bound, desk.paused) == ("operator", True)
    await say(store, min_workers=0)
    await desk.look()
    assert (desk.limits.min_workers, desk.limits.max_workers, desk.paused) == (0, 4, False)
    assert desk.limits.max_bound == "W_max"
    await store.delete(KEY)
    await desk.look()
    assert desk.limits == LIMITS


@pytest.mark.parametrize(
    "data", [b"nonsense", b'{"minWorkers": -1}', b'{"maxWorkers": 0}', b'{"paused": 3}']
)
async def test_what_cannot_be_obeyed_leaves_the_former_word_in_force(store, data) -> None:
    desk = Desk(store, LIMITS)
    await say(store, max_workers=2, paused=True)
    await desk.look()
    await store.put(KEY, data)
    await desk.look()
    assert (desk.limits.max_workers, desk.paused) == (2, True)


async def test_an_outage_leaves_the_former_word_in_force(store, monkeypatch) -> None:
    desk = Desk(store, LIMITS)
    await say(store, paused=True)
    await desk.look()

    async def away(key: str) -> None:
        raise QueueUnavailable

    monkeypatch.setattr(store, "get", away)
    await desk.look()
    assert desk.paused


@pytest.mark.parametrize(
    ("ruling", "settings", "held"),
    [({"max_workers": 3}, (5, 10), (3, 3)), ({"min_workers": 50}, (1, 10), (10, 10))],
)
async def test_a_pause_holds_though_the_settings_were_changed_against_the_word(
    store, ruling, settings, held
) -> None:
    desk = Desk(store, Limits(min_workers=settings[0], max_workers=settings[1]))
    await say(store, paused=True, **ruling)
    await desk.look()
    assert desk.paused
    assert (desk.limits.min_workers, desk.limits.max_workers) == held


async def test_the_copy_is_whole_at_every_moment(store, tmp_path, monkeypatch) -> None:
    copy = tmp_path / "operator"
    desk = Desk(store, LIMITS, copy)
    await say(store, paused=True)
    await desk.look()
    write = Path.write_bytes

    def half(self, data: bytes) -> int:
        write(self, data[: len(data) // 2])
        raise OSError("no space left on device")

    monkeypatch.setattr(Path, "write_bytes", half)
    await say(store, max_workers=3)
    await desk.look()
    assert copied(copy).paused
