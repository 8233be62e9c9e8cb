"""The JSON body that asks for a job of one picture."""

from typing import Annotated

from pydantic import ConfigDict, Field, ValidationError

from api.errand import Options
from api.errors import invalid
from api.hooks.wish import Named
from api.jobs.terms import DAY, Terms
from api.routes.question import LEAST, MOST, TOP
from api.routes.sifting import sieve
from wire.errors import InvalidParameter, ServiceError
from wire.messages import Part

Id = Annotated[
    str,
    Field(
        pattern=r"^[A-Za-z0-9_-]{1,64}$",
        description="what you call the job: the same request again is the same job, another one is refused",
    ),
]
Deadline = Annotated[
    float,
    Field(gt=0, le=DAY, description="seconds after which it is not worked any more, but `expired`"),
]


class JobRequest(Part):
    """A picture by its URL, and how its job is to be kept."""

    model_config = ConfigDict(extra="forbid")

    image_url: str = Field(description="where the picture is: http or https, on a public address")
    id: Id | None = None
    top: int = Field(default=TOP, ge=LEAST, le=MOST)
    model: str | None = None
    model_version: str | None = None
    layer: str | None = Field(default=None, min_length=1, max_length=200)
    min_confidence: float = Field(default=0.0, ge=0, le=1)
    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    deadline: Deadline = DAY
    webhook: Named | None = Field(default=None, description="whom to tell of its end")

    @property
    def options(self) -> Options:
        """The question.

        Raises:
            InvalidParameter: a label's name that can be none.
        """
        wanted = sieve(self.min_confidence, list(self.include), list(self.exclude))
        version = self.model_version
        return Options(self.top, self.model, version, layer=self.layer, sieve=wanted)

    def terms(self, key: str | None) -> Terms:
        """The rest; `key` is the request's Idempotency-Key."""
        webhook = None if self.webhook is None else self.webhook.kept()
        return Terms(self.id, key, self.deadline, webhook)


def read(found: object) -> JobRequest:
    """A parsed body.

    Raises:
        InvalidParameter: a field is missing, wrong or unknown; the text names it.
    """
    try:
        return JobRequest.model_validate(found)
    except ValidationError as error:
        raise _told(error) from None


def _told(error: ValidationError) -> ServiceError:
    faults = error.errors(include_url=False, include_input=False)
    if not faults[0]["loc"]:
        return InvalidParameter(f"The body: {faults[0]['msg']}.")
    return invalid([dict(fault) for fault in faults])
