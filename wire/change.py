"""A document in the store, changed by several: each writes only over what it made its change of."""

from collections.abc import Callable
from typing import TypeVar

from wire.messages import Message
from wire.store import Store

ATTEMPTS = 10
D = TypeVar("D", bound=Message)


class Contested(Exception):
    """Others were always faster: nothing was changed."""


async def changed(
    store: Store, key: str, read: Callable[[bytes | None], D], change: Callable[[D], D]
) -> D:
    """The document after a change, which is made anew where somebody else was faster. A change that changes
    nothing writes nothing.

    Args:
        read: makes the document of what is kept, None where that is nothing.

    Raises:
        Contested: others are always faster.
        QueueUnavailable: the store cannot be reached.
        Whatever `read` and `change` raise.
    """
    for _ in range(ATTEMPTS):
        there = await store.read(key)
        before = read(None if there is None else there.data)
        after = change(before)
        if after == before:
            return before
        etag = None if there is None else there.etag
        if await store.replace(key, after.encode().encode(), etag) is not None:
            return after
    raise Contested
