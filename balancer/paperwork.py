"""What is read from and written to S3 after each tick, beside the loop: a slow store delays no tick."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence

from wire import log
from wire.errors import QueueUnavailable

_log = log.get(__name__)

Errand = Callable[[], Awaitable[None]]


class Paperwork:
    """Runs errands, one after the other, whenever it is told that there are some.

    Args:
        errands: each looks by itself whether there is anything to do.
        last: what is done once more at the end.
    """

    def __init__(self, errands: Sequence[Errand], last: Sequence[Errand]) -> None:
        self._errands = errands
        self._last = last
        self._told = asyncio.Event()

    def tell(self) -> None:
        """There may be something to do."""
        self._told.set()

    async def run(self, over: asyncio.Event) -> None:
        """Work until `over`, then everything that is left, once."""
        ended = asyncio.ensure_future(over.wait())
        try:
            while not over.is_set():
                told = asyncio.ensure_future(self._told.wait())
                await asyncio.wait([told, ended], return_when=asyncio.FIRST_COMPLETED)
                told.cancel()
                self._told.clear()
                await self._do(self._errands)
            await self._do(self._last)
        finally:
            ended.cancel()

    async def _do(self, errands: Sequence[Errand]) -> None:
        for errand in errands:
            try:
                await errand()
            except QueueUnavailable as error:
                _log.warning("state not kept", fault=repr(error.__cause__ or error))
            except Exception:
                _log.exception("state not kept")
