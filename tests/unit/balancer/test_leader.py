"""The lease: who gets it, when, and when it is let go."""

import asyncio

import pytest

from balancer import holder
from balancer.leader import KEY, Leader, Lease, elapsed
from wire.errors import QueueUnavailable
from wire.memory import MemoryStore

SECONDS, MARGIN = 15.0, 5.0


class Machine:
    """A balancer's view: its own clock over the store that all share."""

    def __init__(self, store: MemoryStore, name: str, began: float = 0.0, floor: int = 0) -> None:
        self.now = began
        self.floor = floor
        self.leader = Leader(store, name, SECONDS, MARGIN, self._floor, self._clock)

    def _clock(self) -> float:
        return self.now

    async def _floor(self) -> int:
        return self.floor

    async def step(self, seconds: float = 0.0) -> float:
        self.now += seconds
        return await self.leader.step()

    @property
    def acts(self) -> bool:
        return self.leader.may_act()


@pytest.fixture
def store() -> MemoryStore:
    return MemoryStore()


async def kept(store: MemoryStore) -> Lease:
    return Lease.model_validate_json(await store.get(KEY))


async def test_the_first_one_leads_at_once_and_the_second_does_not(store) -> None:
    first, second = Machine(store, "a"), Machine(store, "b", began=5e6)
    await first.step()
    await second.step()
    assert (first.acts, second.acts) == (True, False)
    assert (await kept(store)).epoch == first.leader.epoch == 1


async def test_the_holder_acts_only_while_more_than_the_margin_is_left(store) -> None:
    first = Machine(store, "a")
    await first.step()
    first.now += SECONDS - MARGIN - 0.01
    assert first.acts
    first.now += 0.01
    assert not first.acts
    await first.step()
    assert first.acts
    assert first.leader.epoch == 1


async def test_it_is_renewed_three_times_in_its_length(store) -> None:
    first = Machine(store, "a")
    assert await first.step() == await first.step() == SECONDS / 3


async def test_a_lease_that_is_renewed_is_never_taken(store) -> None:
    first, second = Machine(store, "a"), Machine(store, "b", began=77.0)
    await first.step()
    for _ in range(40):
        await first.step(5)
        await second.step(5)
        assert first.acts
        assert not second.acts


async def test_a_lease_that_was_not_renewed_is_taken_by_the_candidates_own_clock(store) -> None:
    first, second = Machine(store, "a"), Machine(store, "b", began=500.0)
    await first.step()
    await second.step()
    await second.step(SECONDS - 0.01)
    assert not second.acts
    await second.step(0.01)
    assert second.acts
    assert second.leader.epoch == 2
    await first.step()
    assert not first.acts


async def test_a_candidate_looks_again_the_moment_the_lease_runs_out(store) -> None:
    first, second = Machine(store, "a"), Machine(store, "b")
    await first.step()
    spent = 0.0
    while not second.acts:
        pause = await second.step()
        assert pause <= MARGIN
        spent += pause
        second.now += pause
    assert SECONDS <= spent - pause <= SECONDS + 0.1


async def test_a_longer_lease_of_another_setting_is_respected(store) -> None:
    lease = Lease(holder="a", epoch=4, seconds=60.0)
    await store.put(KEY, lease.encode().encode())
    second = Machine(store, "b")
    await second.step()
    await second.step(59)
    assert not second.acts
    await second.step(1)
    assert second.leader.epoch == 5


async def test_who_is_known_to_be_dead_is_followed_at_once(store) -> None:
    await Machine(store, "a").step()
    heir = Machine(store, "a")
    await heir.step()
    assert heir.acts
    assert heir.leader.epoch == 2


async def test_a_lease_that_was_given_back_is_taken_at_once(store) -> None:
    first, second = Machine(store, "a"), Machine(store, "b")
    await first.step()
    await second.step()
    await first.leader.release()
    assert not first.acts
    assert (await kept(store)).holder is None
    await second.step(1)
    assert second.acts
    assert second.leader.epoch == 2


async def test_who_does_not_lead_gives_nothing_back(store) -> None:
    first, second = Machine(store, "a"), Machine(store, "b")
    await first.step()
    await second.step()
    await second.leader.release()
    assert (await kept(store)).holder == "a"


async def test_the_leader_acts_on_without_s3_as_long_as_its_lease_holds(store, monkeypatch) -> None:
    first = Machine(store, "a")
    await first.step()

    async def away(*_: object) -> None:
        raise QueueUnavailable

    with monkeypatch.context() as outage:
        outage.setattr(store, "replace", away)
        pauses = [await first.step(1) for _ in range(9)]
        assert first.acts
        assert pauses[0] < pauses[-1] <= 2.0
        await first.step(1)
        assert not first.acts
        await first.leader.release()
    assert (await kept(store)).holder == "a"


async def test_a_renewal_whose_answer_was_lost_is_no_second_lease(store, monkeypatch) -> None:
    first = Machine(store, "a")
    await first.step()
    replace = store.replace

    async def lost(*arguments) -> None:
        await replace(*arguments)
        raise QueueUnavailable

    with monkeypatch.context() as broken:
        broken.setattr(store, "replace", lost)
        await first.step(5)
    await first.step(1)  # refused: what lies there is the write whose answer was lost
    assert not first.acts
    await first.step()
    assert first.acts
    assert first.leader.epoch == 2


async def test_a_removed_lease_goes_on_from_the_epoch_of_the_ledger(store) -> None:
    first = Machine(store, "a", floor=7)
    await first.step()
    assert first.leader.epoch == 8


async def test_an_unreadable_lease_is_waited_for(store) -> None:
    await store.put(KEY, b"not json")
    first = Machine(store, "a", floor=3)
    await first.step()
    assert not first.acts
    await first.step(SECONDS)
    assert first.leader.epoch == 4


async def test_run_leads_until_stopped_and_elected_says_so(store) -> None:
    first = Leader(store, "a", SECONDS, MARGIN, Machine(store, "x")._floor)
    stop = asyncio.Event()
    running = asyncio.create_task(first.run(stop))
    async with asyncio.timeout(10):
        assert await first.elected(stop)
    stop.set()
    await running
    candidate = Leader(store, "b", SECONDS, MARGIN, Machine(store, "x")._floor)
    assert await candidate.elected(stop) is False


def test_time_goes_on() -> None:
    before = elapsed()
    assert elapsed() >= before > 0


def test_a_holder_has_one_name_for_each_folder(tmp_path) -> None:
    assert holder.lasting(tmp_path) == holder.lasting(tmp_path)
    assert holder.passing() != holder.passing()
