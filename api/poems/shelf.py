"""The operator's own verses: `poems/⟨class id, label or kind⟩.txt` in the bucket."""

import asyncio
import time
from collections.abc import Callable, Iterable

from botocore.exceptions import ClientError

from api.poems.anthology import Verse, verses
from wire import log
from wire.errors import ServiceError
from wire.store import Store

PREFIX = "poems/"
FRESH = 60.0  # seconds: so long an operator waits to see a change
PATIENCE = 1.0  # seconds that a verse may wait for the store
MOST, LARGEST = 1000, 16 * 1024  # files that are looked at, and bytes of one
_log = log.get(__name__)


class Shelf:
    """One list of names a minute, and each file once in that time: nobody's question reads more.

    Args:
        clock: monotonic seconds.
    """

    def __init__(self, store: Store, clock: Callable[[], float] = time.monotonic) -> None:
        self._store = store
        self._clock = clock
        self._listed_at = float("-inf")
        self._keys: dict[str, str] = {}
        self._read: dict[str, tuple[Verse, ...]] = {}
        self._looking = asyncio.Lock()

    async def find(self, names: Iterable[str]) -> dict[str, tuple[Verse, ...]]:
        """The verses under those of these names that have any; none of them where the store is away."""
        async with self._looking:
            try:
                async with asyncio.timeout(PATIENCE):
                    await self._list()
                    wanted = [name for name in names if name in self._keys]
                    return {name: await self._verses(name) for name in wanted}
            except (ServiceError, ClientError, TimeoutError) as error:
                _log.warning("poems cannot be read", reason=repr(error.__cause__ or error))
                # Not asked again at once: everybody who looks at an answer would wait for it.
                self._listed_at = self._clock()
                self._keys = {}
                return {}

    async def _list(self) -> None:
        if self._clock() - self._listed_at < FRESH:
            return
        keys = await self._store.keys(PREFIX, MOST)
        self._keys = {_name(key): key for key in keys}
        self._read.clear()
        self._listed_at = self._clock()

    async def _verses(self, name: str) -> tuple[Verse, ...]:
        if name not in self._read:
            data = await self._store.stretch(self._keys[name], 0, LARGEST)
            self._read[name] = verses((data or b"").decode("utf-8", "replace"))
        return self._read[name]


def _name(key: str) -> str:
    return key.removeprefix(PREFIX).rpartition(".")[0].lower()
