"""What comes back. Fields that a newer service adds are ignored; those of an older one have defaults."""

from dataclasses import dataclass
from typing import Any, Generic, Literal, TypeAlias, TypeVar

from pydantic import ConfigDict

from classifycloud.client.errors import Answered, ClassifyCloudError, answered
from classifycloud.client.pictures import Picture
from wire.messages import ErrorBody, Label, Part, Timings

State: TypeAlias = Literal["queued", "running", "succeeded", "failed", "canceled", "expired"]
ENDED: frozenset[str] = frozenset(("succeeded", "failed", "canceled", "expired"))
T = TypeVar("T")


class Document(Part):
    """Base of what comes back. Built when it is first read: a program that imports this may never ask."""

    model_config = ConfigDict(defer_build=True)


class Classification(Document):
    """What is in a picture. `result` is the name of the first label, the likeliest.

    `cached` says that the labels are remembered ones, `age` for how many seconds, where that is known.
    `replayed` that this was the answer to an earlier request with the same key.
    """

    uuid: str
    image_url: str
    result: str | None = None
    labels: tuple[Label, ...] = ()
    model: str
    model_version: str
    timings: Timings = Timings()
    cached: bool = False
    age: int | None = None
    replayed: bool = False


class SeenThrough(Document):
    """A layer, and the shape of what came out of it."""

    layer: str
    shape: tuple[int, ...]
    dtype: str


class AtWork(Document):
    """Workers that work, and those that boot."""

    ready: int
    starting: int


class Job(Document):
    """A job as it stands; of a bulk job `rows` is a number. Times are in seconds since the epoch.

    `id` is your own name for it. While it is queued, at most `position` jobs are ahead of it, and `estimate`
    seconds will pass until it is answered, workers that have to boot included.

    A bulk job has succeeded once every row has its outcome, and failed if none of them is a success: `rows`,
    `done`, `succeeded` and `failed` count them, `rate` is in rows a second over the last minute, `results`
    are the formats to be had.
    """

    uuid: str
    status: State
    image_url: str | None = None
    id: str | None = None
    position: int | None = None
    estimate: float | None = None
    workers: AtWork | None = None
    submitted_at: float | None = None
    expires_at: float | None = None
    until: float | None = None
    retry_of: str | None = None
    result: str | None = None
    labels: tuple[Label, ...] | None = None
    features: SeenThrough | None = None
    model: str | None = None
    model_version: str | None = None
    timings: Timings | None = None
    cached: bool | None = None
    error: ErrorBody | None = None
    rows: int | None = None
    done: int | None = None
    succeeded: int | None = None
    failed: int | None = None
    rate: float | None = None
    source: str | None = None
    results: tuple[str, ...] = ()

    @property
    def ended(self) -> bool:
        """Whether nothing about it can change any more; of a bulk job, whether its results are there."""
        return self.status in ENDED and (self.rows is None or bool(self.results))

    def classification(self) -> Classification:
        """Its labels.

        Raises:
            ClassifyCloudError: it ended otherwise, or has not ended; its code says how.
        """
        self.succeed()
        return Classification.model_validate(self.model_dump(exclude_none=True))

    def succeed(self) -> None:
        """Raises what it failed of; nothing where it succeeded."""
        if self.status != "succeeded":
            raise self.fault()

    def fault(self) -> Answered:
        """The error that stands for a job without an answer."""
        if self.error is not None:
            return answered(self.error.code, self.error.message, job=self.uuid)
        code, text = _UNANSWERED[self.status]
        return answered(code, text, job=self.uuid)


_UNANSWERED: dict[str, tuple[str, str]] = {
    "queued": ("timed_out", "The job waits in the queue."),
    "running": ("timed_out", "The job is being worked."),
    "canceled": ("job_canceled", "The job was canceled."),
    "expired": ("job_expired", "The job's deadline passed before it could be answered."),
    "failed": ("internal", "The job failed."),
    "succeeded": ("internal", "The job's answer has no labels."),
}


class Row(Document):
    """What became of one row of a bulk job. `row` counts from 0, `id` is your own name for it."""

    row: int
    url: str
    status: Literal["succeeded", "failed"]
    id: str | None = None
    was: int | None = None
    result: str | None = None
    labels: tuple[Label, ...] = ()
    model: str | None = None
    model_version: str | None = None
    cached: bool = False
    error: ErrorBody | None = None


class Model(Document):
    """A model that can be asked for. `input_size` is the side of the network's input in pixels.

    `share` is the part, 0 to 1, of the requests for this model that name no version which this one answers.
    """

    name: str
    version: str
    architecture: str
    classes: int
    input_size: int
    precision: str
    metrics: tuple[dict[str, Any], ...] = ()
    default: bool = False
    share: float = 1.0
    withdrawn: str | None = None


class ModelList(Document):
    """What GET /models answers."""

    models: tuple[Model, ...]


@dataclass(frozen=True, slots=True)
class Outcome(Generic[T]):
    """What became of one of many pictures: an answer, or an error; OSError for a file that cannot be read."""

    picture: Picture
    answer: T | None = None
    error: ClassifyCloudError | OSError | None = None

    def unwrap(self) -> T:
        """The answer; raises the error."""
        if self.error is not None:
            raise self.error
        assert self.answer is not None  # noqa: S101
        return self.answer
