"""The in-memory queues and store, which write down what is done to them and fail when told to."""

import time

from wire.memory import MemoryQueue, MemoryQueues, MemoryStore


class Watched(MemoryQueue):
    """A queue in memory that writes down what is done to it, and fails when told to."""

    def __init__(self, inner: MemoryQueue, effects: list[str], faults: dict[str, list[Exception]]):
        self.__dict__.update(inner.__dict__)
        self._effects = effects
        self._faults = faults

    async def send(self, body, group=None, patience=0.0):
        self._note("send")
        await self.send_many([body], group)

    async def delete(self, receipt):
        self._note("delete")
        await super().delete(receipt)

    async def receive(self, limit=10, wait=20.0):
        self._fail("receive")
        return await super().receive(limit, wait)

    def _note(self, effect):
        self._fail(effect)
        self._effects.append(f"{effect} {self.name}")

    def _fail(self, effect):
        if waiting := self._faults.get(f"{effect} {self.name}"):
            raise waiting.pop(0)


class WatchedQueues(MemoryQueues):
    def __init__(self, effects, faults, clock=time.time):
        super().__init__(clock)
        self._effects, self._faults = effects, faults

    async def open(self, name, visibility=None):
        return Watched(await super().open(name, visibility), self._effects, self._faults)


class WatchedStore(MemoryStore):
    def __init__(self, effects, faults):
        super().__init__()
        self._effects, self._faults = effects, faults

    async def put(self, key, data, content_type="application/json"):
        self._note(f"put {key.split('/')[0]}")
        await super().put(key, data, content_type)

    async def put_new(self, key, data, content_type="application/json"):
        if await self.get(key) is not None:
            return False
        await self.put(key, data, content_type)
        return True

    async def delete(self, key):
        if key.startswith("uploads/"):  # notes about suspects come and go beside the journey
            self._note("remove uploads")
        await super().delete(key)

    def _note(self, effect):
        if waiting := self._faults.get(effect):
            raise waiting.pop(0)
        self._effects.append(effect)
