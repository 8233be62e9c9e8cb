"""What became of a job, read from the store alone, so that every replica says the same."""

import re
import time
from collections.abc import Callable

from api.documents import JobStatus, SeenThrough
from api.late import Marker
from wire.errors import JobExpired, JobNotFound
from wire.messages import Answer
from wire.names import job_key, result_key
from wire.store import Store

GRACE = 30.0  # seconds; an answer sent at the deadline is still on its way to the store
_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")


class Lookup:
    """Finds jobs by id.

    Args:
        now: seconds since the epoch.
    """

    def __init__(self, store: Store, now: Callable[[], float] = time.time) -> None:
        self._store = store
        self._now = now

    async def find(self, uuid: str) -> JobStatus:
        """The job's answer, or until when it may come.

        Raises:
            JobNotFound, JobExpired, QueueUnavailable
        """
        if not _ID.fullmatch(uuid):
            raise JobNotFound
        # Markers are never removed before their answer has come, so this order misses nothing.
        result = await self._store.get(result_key(uuid))
        if result is not None:
            return _answered(Answer.decode(result))
        marker = await self._store.get(job_key(uuid))
        if marker is None:
            raise JobNotFound
        return self._expected(Marker.decode(marker))

    async def features(self, uuid: str) -> Answer:
        """The answer of a job that asked for a layer.

        Raises:
            JobNotFound: there is none, or not yet.
            QueueUnavailable
        """
        kept = await self._store.get(result_key(uuid)) if _ID.fullmatch(uuid) else None
        answer = None if kept is None else Answer.decode(kept)
        if answer is None or answer.features is None:
            raise JobNotFound("No activation is kept under this id.")
        return answer

    def _expected(self, marker: Marker) -> JobStatus:
        if self._now() > marker.until + GRACE:
            raise JobExpired
        return JobStatus(
            uuid=marker.uuid, status="queued", image_url=marker.image_url, until=marker.until
        )


def _seen(answer: Answer) -> SeenThrough | None:
    if answer.features is None:
        return None
    return SeenThrough.model_validate(
        answer.features.model_dump(include=set(SeenThrough.model_fields))
    )


def _answered(answer: Answer) -> JobStatus:
    if answer.error is not None:
        return JobStatus(
            uuid=answer.uuid, status="failed", image_url=answer.image_url, error=answer.error
        )
    return JobStatus(
        uuid=answer.uuid,
        status="succeeded",
        image_url=answer.image_url,
        result=answer.result,
        labels=answer.labels,
        features=_seen(answer),
        model=answer.model,
        model_version=answer.model_version,
        timings=answer.timings,
        cached=answer.cached,
    )
