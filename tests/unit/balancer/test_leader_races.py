"""Several balancers over one store, their calls cut and mixed at every await: two never act at once."""

import random
from collections.abc import Generator

import pytest

from balancer.leader import Leader
from wire.errors import QueueUnavailable
from wire.memory import MemoryStore

SECONDS, MARGIN = 15.0, 5.0
DRIFT = 0.02  # clocks run up to 2 % fast or slow
STEPS = 3000
DEED = 4.0  # seconds that something takes which is begun while the leader may act


class Gate:
    """Where another one may go on first."""

    def __await__(self) -> Generator[None, None, None]:
        yield


class SlowStore:
    """A store whose calls take effect some time after they began and answer later still, or never."""

    def __init__(self, store: MemoryStore, luck: random.Random) -> None:
        self._store = store
        self._luck = luck
        self.down = False

    async def read(self, key):
        await self._pass()
        found = await self._store.read(key)
        await self._pass()
        return found

    async def replace(self, key, data, etag):
        await self._pass()
        written = await self._store.replace(key, data, etag)
        await self._pass()
        if written is None:
            # As S3's own: a write that is found there counts, whichever attempt it was.
            kept = await self.read(key)
            written = kept.etag if kept is not None and kept.data == data else None
        return written

    async def _pass(self) -> None:
        await Gate()
        if self.down and self._luck.random() < 0.7:
            raise QueueUnavailable


class Contender:
    """One balancer: its clock, and the step it is in."""

    def __init__(self, world: "World", name: str) -> None:
        self._world = world
        self.name = name
        self._offset = world.luck.uniform(-1e6, 1e6)
        self._rate = 1 + world.luck.uniform(-DRIFT, DRIFT)
        self.leader = Leader(world.store, name, SECONDS, MARGIN, self._floor, self._clock)
        self._step = None
        self.busy_until = 0.0

    def _clock(self) -> float:
        return self._offset + self._rate * self._world.now

    async def _floor(self) -> int:
        await Gate()
        return 0

    def go_on(self) -> None:
        """To the next await, or to the end of the step."""
        if self._step is None:
            idle = self.busy_until <= self._world.now
            giving = idle and self._world.luck.random() < 0.02
            self._step = self.leader.release() if giving else self.leader.step()
        try:
            self._step.send(None)
        except StopIteration:
            self._step = None

    def die(self) -> None:
        if self._step is not None:
            self._step.close()


class World:
    """True time, who lives, and who has ever acted under which epoch."""

    def __init__(self, seed: int) -> None:
        self.luck = random.Random(seed)
        self.now = 0.0
        self.store = SlowStore(MemoryStore(), self.luck)
        self._names = 0
        self.alive = [Contender(self, self._new_name()) for _ in range(3)]
        self.acted: list[tuple[int, Contender]] = []

    def happen(self) -> None:
        what = self.luck.random()
        chosen = self.luck.randrange(len(self.alive))
        if what < 0.80:
            self.alive[chosen].go_on()
        elif what < 0.98:
            self.now += self.luck.choice([0.01, 0.3, 1.0, 3.0, 12.0])
        elif what < 0.99:
            self.store.down = not self.store.down
        else:
            self.alive[chosen].die()
            # Under its old name, as who holds the folder does, or as another machine.
            name = self.alive[chosen].name if self.luck.random() < 0.5 else self._new_name()
            self.alive[chosen] = Contender(self, name)

    def _new_name(self) -> str:
        self._names += 1
        return f"b{self._names}"

    def check(self) -> None:
        acting = [each for each in self.alive if each.leader.may_act()]
        for each in acting:
            assert [other for other in self.alive if other.busy_until > self.now] in ([], [each])
            each.busy_until = self.now + DEED
            self._note(each.leader.epoch, each)

    def _note(self, epoch: int, who: Contender) -> None:
        if not self.acted or self.acted[-1] != (epoch, who):
            assert epoch > (self.acted[-1][0] if self.acted else 0)
            self.acted.append((epoch, who))


@pytest.mark.parametrize("seed", range(60))
def test_two_never_act_at_once_and_every_change_has_a_new_epoch(seed: int) -> None:
    world = World(seed)
    for _ in range(STEPS):
        world.happen()
        world.check()
    # Otherwise nothing was tried.
    assert len(world.acted) > 5
    assert len({who for _, who in world.acted}) > 2
