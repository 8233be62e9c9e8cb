"""Webhooks, wired: who tells, and who is asked whether a job may have one."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING

from api.hooks.delivery import Delivery, Patience
from api.hooks.ledger import Ledger
from api.hooks.secrets import Secrets
from api.hooks.subjects import Find
from api.hooks.wish import Admission
from wire.messages import Chore
from wire.settings import ApiSettings
from wire.store import Store

if TYPE_CHECKING:
    from api.hooks.post import Post

LOOKUPS = 16  # names looked up at once; some may hang


def admission(settings: ApiSettings, store: Store) -> Admission:
    """Judges webhooks before there is a job."""
    return Admission(Secrets(store), frozenset(settings.webhook_allow))


def delivery(
    settings: ApiSettings,
    store: Store,
    find: Find,
    renew: Callable[[Chore], Awaitable[None]],
) -> Delivery:
    """Does the chores of the kind `webhook`."""
    send = FirstNeeded(frozenset(settings.webhook_allow))
    patience = Patience(settings.webhook_pause, settings.webhook_tries)
    return Delivery(find, Secrets(store), Ledger(store), send, patience, renew)


class FirstNeeded:
    """Sends; what that takes is imported and made for the first message. Satisfies `Send`."""

    def __init__(self, allow: frozenset[str]) -> None:
        self._allow = allow
        self._making = asyncio.Lock()
        self._post: Post | None = None

    async def __call__(self, url: str, headers: Mapping[str, str], body: bytes) -> int:
        async with self._making:
            if self._post is None:
                self._post = await asyncio.to_thread(self._made)
        return await self._post.send(url, headers, body)

    def _made(self) -> "Post":
        # Parsers and roots of trust: 50 ms and some MB that a front end without webhooks does not need.
        from api.hooks.post import Post
        from wire.outside.guard import SystemResolver
        from wire.outside.trust import trust

        return Post(SystemResolver(LOOKUPS), self._allow, trust())
