"""What is told of a job, and to whom: read from what is kept, at the moment of telling."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any

from api.hooks.wish import Webhook


@dataclass(frozen=True, slots=True)
class Subject:
    """A job that has come to an end.

    `document` is what `GET /jobs/⟨id⟩` says of it; `client` is who asked, empty without a key.
    """

    job: str
    client: str
    webhook: Webhook
    state: str
    document: dict[str, Any]


Find = Callable[[str], Awaitable[Subject | None]]
"""By the job's id; None where there is nothing to tell: it is no such job, is forgotten, has no webhook.
Raises `api.chores.consumer.Later` where it has not ended."""


def first_of(finds: Sequence[Find]) -> Find:
    """What one of them finds."""

    async def find(job: str) -> Subject | None:
        for each in finds:
            if (found := await each(job)) is not None:
                return found
        return None

    return find
