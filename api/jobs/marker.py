"""jobs/⟨id⟩.json: that there is a job, and until when its answer may come."""

from typing import Any

from pydantic import Field

from wire.messages import Job, Message, Part


class Order(Part):
    """An asynchronous job as its client asked for it.

    `id` is what the client calls it, `client` the client's name, empty for somebody without a key, `group`
    that of its messages. `submitted` is in seconds since the epoch; `ahead` is how many jobs were in the
    queue then. `fingerprint` knows the same request again. `webhook` is as `api.hooks` has it.
    """

    id: str
    client: str
    group: str | None = None
    submitted: float
    ahead: int | None = None
    fingerprint: str
    job: Job
    webhook: dict[str, Any] | None = None
    retry_of: str | None = None


class Marker(Message):
    """jobs/: an answer may come until then, in seconds since the epoch. Workers do not reckon with it.

    With an `order` it is an asynchronous job; without, one whose client left without its answer.
    """

    uuid: str
    image_url: str
    until: float = Field(ge=0)
    order: Order | None = None
