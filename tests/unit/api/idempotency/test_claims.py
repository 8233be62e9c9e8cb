"""Marks of idempotency keys: who may send a job, and when a key is forgotten."""

import asyncio

import pytest

from api.idempotency.claims import DAY, Claims
from wire.errors import IdempotencyMismatch
from wire.memory import MemoryStore
from wire.names import idempotency_key

STALE, LOST = 55.0, 330.0


class Clock:
    def __init__(self) -> None:
        self.now = 1e9

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def claims(clock):
    return Claims(MemoryStore(clock), LOST, STALE)


async def test_one_of_many_has_the_job(claims):
    taken = await asyncio.gather(*(claims.take("", "k", "print") for _ in range(20)))
    assert sum(claim.mine for claim in taken) == 1
    assert len({claim.uuid for claim in taken}) == 1


async def test_callers_have_keys_of_their_own(claims):
    ours, theirs = await claims.take("us", "k", "print"), await claims.take("them", "k", "other")
    assert ours.mine
    assert theirs.mine
    assert ours.uuid != theirs.uuid
    assert idempotency_key("a", "bc") != idempotency_key("ab", "c")


async def test_another_request_is_refused_in_every_state_but_free(claims, clock):
    claim = await claims.take("", "k", "print")
    for _ in range(2):
        with pytest.raises(IdempotencyMismatch):
            await claims.take("", "k", "other")
        clock.now += LOST + 1
        with pytest.raises(IdempotencyMismatch):
            await claims.take("", "k", "other")
        await claims.sent(claim)
    await claims.take_over(await claims.take("", "k", "print"))
    with pytest.raises(IdempotencyMismatch):
        await claims.take("", "k", "other")


async def test_what_was_never_sent_goes_to_the_next_under_its_id(claims):
    first = await claims.take("", "k", "print")
    await claims.free(first)
    second = await claims.take("", "k", "print")
    assert second.mine
    assert second.uuid == first.uuid
    await claims.free(second)
    other = await claims.take("", "k", "other")
    assert other.mine
    assert other.uuid != first.uuid


async def test_a_job_of_which_nobody_spoke_is_overdue_and_taken_over_once(claims, clock):
    first = await claims.take("", "k", "print")
    clock.now += STALE - 1
    assert not (await claims.take("", "k", "print")).overdue
    clock.now += 2
    late = await claims.take("", "k", "print")
    assert late.overdue
    assert not late.mine
    taken = await asyncio.gather(*(claims.take_over(late) for _ in range(5)))
    (mine,) = [claim for claim in taken if claim is not None]
    assert mine.mine
    assert mine.uuid == first.uuid
    assert not (await claims.take("", "k", "print")).overdue


async def test_who_was_overtaken_says_nothing_any_more(claims, clock):
    slow = await claims.take("", "k", "print")
    clock.now += STALE + 1
    await claims.take_over(await claims.take("", "k", "print"))
    await claims.free(slow)
    assert (await claims.take("", "k", "print")).mark.state == "sending"


async def test_a_job_that_was_sent_is_overdue_past_its_deadline(claims, clock):
    claim = await claims.take("", "k", "print")
    await claims.sent(claim)
    clock.now += LOST - 1
    assert (await claims.take("", "k", "print")).under_way
    clock.now += 2
    assert not (await claims.take("", "k", "print")).under_way


async def test_a_key_is_forgotten_after_a_day(claims, clock):
    first = await claims.take("", "k", "print")
    await claims.sent(first)
    clock.now += DAY - 1
    assert not (await claims.take("", "k", "print")).mine
    clock.now += 2
    anew = await claims.take("", "k", "another request")
    assert anew.mine
    assert anew.uuid != first.uuid
