"""Chores to whoever does them, by their kind."""

from collections.abc import Awaitable, Callable, Mapping

from api.chores.consumer import Later, Unusable
from wire.messages import Chore, Undecodable
from wire.queues import Received

# In a deployment that is being changed, a newer replica sends what an older one does not know: it is put off
# for somebody else, so many times.
STRANGE = 20
STRANGE_PAUSE = 5.0

Do = Callable[[Chore, Received], Awaitable[None]]
"""Does a chore, to the same effect however often; raises Undecodable where its payload is none, and as
`api.chores.consumer.Handle`."""


class Chores:
    """Hands chores over; satisfies `Handle`."""

    def __init__(self, by_kind: Mapping[str, Do]) -> None:
        self._by_kind = by_kind

    async def __call__(self, received: Received) -> None:
        try:
            chore = Chore.decode(received.body)
            do = self._by_kind.get(chore.kind)
            if do is None and received.receive_count < STRANGE:
                raise Later(STRANGE_PAUSE)
            if do is None:
                raise Unusable(f"nobody does {chore.kind!r}")
            await do(chore, received)
        except Undecodable as error:
            raise Unusable(str(error)) from error
