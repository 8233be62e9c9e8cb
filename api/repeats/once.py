"""Questions of one client about one picture: a job for all that wait at once, its answer for those that
come soon after.

Only what was asked by the same client counts as the same: nobody can learn what others ask, and nobody waits
in the queue as long as a louder client's job does.
"""

from dataclasses import dataclass
from typing import Protocol

from api.client import Client
from api.metrics import Metrics
from api.repeats.asked import Asked
from api.repeats.memory import Memory
from api.repeats.wishes import Wish
from api.submit import Errand, Options, Submitter
from wire.messages import Answer


@dataclass(frozen=True, slots=True)
class Given:
    """An answer, and its age in seconds where it is remembered."""

    answer: Answer
    age: float | None = None


class Asking(Protocol):
    """Asks as `Submitter.by_url` does, and raises what it raises."""

    async def by_url(self, url: str, options: Options, wish: Wish, client: Client) -> Given: ...


class Always:
    """Every question is a job; satisfies `Asking`."""

    def __init__(self, submitter: Submitter) -> None:
        self._submitter = submitter

    async def by_url(self, url: str, options: Options, wish: Wish, client: Client) -> Given:  # noqa: ARG002
        return Given(await self._submitter.by_url(url, options, client))


class Once:
    """The same question is one job; satisfies `Asking`."""

    def __init__(self, submitter: Submitter, memory: Memory, metrics: Metrics) -> None:
        self._submitter = submitter
        self._memory = memory
        self._metrics = metrics
        self._errands: dict[Asked, Errand] = {}

    def __len__(self) -> int:
        """How many jobs more may wait for."""
        return len(self._errands)

    async def by_url(self, url: str, options: Options, wish: Wish, client: Client) -> Given:
        # First of all, whether it is to be refused: what is remembered opens no door.
        errand = self._submitter.errand(url, options)
        asked = _asked(url, options, client)
        if wish.fresh:
            return Given(await self._run(asked, errand, wish, client))
        found = self._memory.find(asked, wish.oldest)
        if found is not None:
            self._metrics.repeat("remembered")
            return self._remembered(*found, errand.begun)
        return Given(await self._together(asked, errand, wish, client))

    async def _together(self, asked: Asked, errand: Errand, wish: Wish, client: Client) -> Answer:
        under_way = self._errands.get(asked)
        if under_way is not None and self._submitter.is_open(under_way):
            self._metrics.repeat("shared")
            errand = under_way
        else:
            self._errands[asked] = errand
        try:
            return await self._run(asked, errand, wish, client)
        finally:
            if self._errands.get(asked) is errand and not self._submitter.is_open(errand):
                del self._errands[asked]

    async def _run(self, asked: Asked, errand: Errand, wish: Wish, client: Client) -> Answer:
        answer = await self._submitter.run(errand, client)
        if wish.keep:
            self._memory.keep(asked, answer, errand.begun)
        return answer

    def _remembered(self, answer: Answer, age: float, began: float) -> Given:
        took = round(1000 * (self._submitter.now() - began), 3)
        timings = answer.timings.model_copy(update={"total_ms": took})
        return Given(answer.model_copy(update={"timings": timings, "cached": True}), age)


def _asked(url: str, options: Options, client: Client) -> Asked:
    version, top, sieve = options.model_version, options.top, options.sieve
    return Asked(client.group, url, options.model, version, top, sieve)
