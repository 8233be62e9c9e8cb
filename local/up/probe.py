"""Whether a part answers as one that is ready does."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from local.up.parts import Ready

if TYPE_CHECKING:
    import httpx

Probe = Callable[[Ready], Awaitable[None]]

BETWEEN = 0.05
PATIENCE = 5.0


class HttpProbe:
    """Asks until the answer is the one that is waited for."""

    def __init__(self) -> None:
        self._client: httpx.AsyncClient | None = None

    async def __call__(self, ready: Ready) -> None:
        """Returns when it is ready; waits for ever otherwise."""
        while not await self._answers(ready):  # noqa: ASYNC110  a server sends no event
            await asyncio.sleep(BETWEEN)

    async def close(self) -> None:
        if self._client is not None:
            await self._client.aclose()

    async def _answers(self, ready: Ready) -> bool:
        # Imported late: by then the first parts are starting, and they start meanwhile.
        import httpx

        if self._client is None:
            self._client = httpx.AsyncClient(trust_env=False, timeout=PATIENCE)
        try:
            response = await self._client.request(ready.method, ready.url)
        except httpx.HTTPError:
            return False
        return response.status_code in ready.accepted
