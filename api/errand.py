"""What a request asks, and the job that is made of it."""

import asyncio
from dataclasses import dataclass
from typing import Literal

from wire import urls
from wire.messages import Job
from wire.sieve import Sieve


@dataclass(frozen=True, slots=True)
class Options:
    """What a request may ask beside the picture."""

    top: int = 5
    model: str | None = None
    model_version: str | None = None
    persist: Literal["record", "each"] = "record"
    fresh: bool = False
    layer: str | None = None
    sieve: Sieve | None = None

    def job(self, uuid: str, url: str, reply_to: str, deadline: float) -> Job:
        """What is sent to have them answered, within so many seconds."""
        return Job(
            uuid=uuid,
            image_url=url,
            reply_to=reply_to,
            task="classify" if self.layer is None else "features",
            layer=self.layer,
            model=self.model,
            model_version=self.model_version,
            top=self.top,
            sieve=self.sieve,
            persist=self.persist,
            deadline=deadline,
            fresh=self.fresh,
        )


@dataclass(slots=True, eq=False)
class Errand:
    """A job for everybody who waits for its answer. `begun` is in monotonic seconds; `sending` puts it into
    the queue, once that is begun; `company` counts those who wait for that. It is `promised` once one of them
    left with its id."""

    uuid: str
    url: str
    options: Options
    begun: float
    target: urls.Target | None = None
    sending: asyncio.Task[None] | None = None
    company: int = 0
    promised: bool = False
