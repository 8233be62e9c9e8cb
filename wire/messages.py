"""The five messages and their parts. Frozen; each encodes and decodes itself.

A message carries `schema: 1` and ignores fields that it does not know, so that two versions of the
service can run side by side. Names are camelCase on the wire and snake_case here.
"""

from functools import cached_property
from typing import Annotated, Any, Literal, Self, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic.alias_generators import to_camel

from wire import errors
from wire.sieve import Sieve

Seconds = Annotated[float, Field(ge=0)]
TAKEN = "terminate of tick "
INLINE = 140_000  # bytes that an answer carries itself; in base64 these are the 200 kB that a body may have
NPY = "application/x-npy"
INWARD = {"version", "order", "hook"}  # fields that are no client's business


P = TypeVar("P", bound="Part")


class Undecodable(ValueError):
    """The body is no message of this kind; it belongs in the dead-letter queue."""


class Part(BaseModel):
    """A frozen piece of a message."""

    model_config = ConfigDict(
        frozen=True, extra="ignore", alias_generator=to_camel, validate_by_name=True
    )


class Message(Part):
    """Base of everything that travels through a queue."""

    version: Literal[1] = Field(default=1, alias="schema")

    def encode(self) -> str:
        """The JSON text that goes into the queue."""
        return self.model_dump_json(by_alias=True, exclude_none=True)

    @classmethod
    def decode(cls, body: str | bytes) -> Self:
        """Read a body.

        Raises:
            Undecodable: the body is no JSON, or no message of this kind.
        """
        try:
            return cls.model_validate_json(body)
        except ValidationError as error:
            raise Undecodable(f"{cls.__name__}: {error.error_count()} faults") from error

    def public_json(self) -> bytes:
        """`public` as JSON text."""
        return self.model_dump_json(by_alias=True, exclude_none=True, exclude=INWARD).encode()

    def public(self) -> dict[str, Any]:
        """The message as a client sees it: camelCase, without the schema number."""
        return self.model_dump(by_alias=True, exclude_none=True, exclude=INWARD)


class Label(Part):
    """One class with its probability, 0 to 1."""

    name: str
    class_id: str
    confidence: float


class Timings(Part):
    """Where the time went, in milliseconds. `total_ms` is the front end's own clock."""

    queue_ms: float = 0.0
    fetch_ms: float = 0.0
    decode_ms: float = 0.0
    inference_ms: float = 0.0
    total_ms: float = 0.0


class ErrorBody(Part):
    """An error as it travels: its code and its public message."""

    code: str
    message: str

    @classmethod
    def of(cls, error: errors.ServiceError) -> Self:
        return cls(code=error.code, message=error.public)

    def raised(self) -> errors.ServiceError:
        """The exception that this body stands for."""
        return errors.from_code(self.code, self.message)


class Features(Part):
    """What came out of a layer, as a file of NumPy's (.npy): `npy` itself, in base64, or under which `key` it
    is kept. `shape` is that of one picture's activation."""

    model_config = ConfigDict(ser_json_bytes="base64", val_json_bytes="base64")

    layer: str
    shape: tuple[int, ...]
    dtype: str
    npy: bytes | None = None
    key: str | None = None


class Job(Message):
    """requests: one picture to classify, or to be seen through one `layer`.

    `image_url` is http, https, or `upload:KEY` for bytes kept in the store. `reply_to` is the name of
    a queue, never its URL. `persist` says whether the answer must be found by id afterwards.
    `deadline` is in seconds after the message's SentTimestamp. `fresh` asks for work, where labels of the
    same picture are remembered. `sieve` says which labels may be among the `top` ones.

    `order` is the asynchronous job that this is, its own `uuid`, or the bulk job of which it is a row;
    `hook` says that somebody wants to be told what became of it. The answer repeats both.
    """

    uuid: str = Field(pattern=r"^[A-Za-z0-9_-]{1,64}$")
    image_url: str
    reply_to: str
    task: Literal["classify", "features"] = "classify"
    model: str | None = None
    model_version: str | None = None
    layer: str | None = None
    top: int = Field(default=5, ge=1, le=1000)
    sieve: Sieve | None = None
    persist: Literal["record", "each"] = "record"
    deadline: Seconds = 300.0
    fresh: bool = False
    order: str | None = None
    hook: bool | None = None

    @property
    def alone(self) -> bool:
        """Whether it is an asynchronous job by itself, which may be decided before a worker comes to it."""
        return self.order == self.uuid


class Answer(Message):
    """responses: what became of a job: labels, features or an error. `cached` labels are remembered ones.

    `result` is the first label's name; None where a sieve left none.
    """

    uuid: str
    image_url: str
    result: str | None = None
    labels: tuple[Label, ...] = ()
    features: Features | None = None
    model: str | None = None
    model_version: str | None = None
    timings: Timings = Timings()
    cached: bool = False
    error: ErrorBody | None = None
    order: str | None = None
    hook: bool | None = None

    @cached_property
    def encoded(self) -> str:
        """As `encode`; it is sent, stored and recorded.

        `model_copy` keeps the text: a copy that says something else is made before it is asked for here.
        """
        return self.encode()

    def public_json(self) -> bytes:
        text = super().public_json()
        # Said, not left out: whoever reads `result` shall find it where no label is left.
        if self.result is None and self.error is None and self.features is None:
            return b'{"result":null,' + text[1:]
        return text


class Chore(Message):
    """chores: something that some replica is to do, once or more often to the same effect.

    `kind` says who does it (`api.chores.wiring`), `payload` is that kind's own.
    """

    kind: str
    payload: dict[str, Any] = {}

    @classmethod
    def of(cls, kind: str, payload: Part) -> Self:
        return cls(kind=kind, payload=payload.model_dump(by_alias=True, exclude_none=True))

    def read(self, payload: type[P]) -> P:
        """The payload as its kind has it.

        Raises:
            Undecodable: it is none of that kind.
        """
        try:
            return payload.model_validate(self.payload)
        except ValidationError as error:
            raise Undecodable(f"{self.kind}: {error.error_count()} faults") from error


class Terminate(Message):
    """terminate: whichever idle worker takes it goes. Valid for 5 s of SQS time after sending."""

    reason: str
    tick: int

    def taken(self) -> str:
        """The `reason` that whoever takes it reports."""
        return f"{TAKEN}{self.tick}: {self.reason}"


class Report(Message):
    """reports: what a worker or an api replica says of itself.

    `throughput` is in pictures a second, measured only while a worker had all it can hold, None when it
    never had. `submitted` counts the jobs that an api replica put into the queue; `unanswered` how many of
    those of the last seconds have no answer, while several requests, counted by `busy`, may wait for one.
    `standby` says that a worker is ready and waits to be activated.
    `oldest_wait` is the age in seconds of the oldest message just received (worker) or of the oldest
    pending request (api); None when there is none. `service_seconds` is the mean engine-plus-fetch
    time of a picture since the last report. Counters are since start. `reason` says why a worker goes.
    `codes` counts the requests about pictures that an api replica has answered, by code, `seconds` those
    answered well, by how long they took (`wire.latency`); `watched`: somebody has its operator's page open.
    `keys_age` is the seconds since it read the API keys, None where it never did or reads none.
    """

    sender: str
    kind: Literal["worker", "api"]
    state: Literal["started", "ready", "busy", "idle", "draining", "stopped"]
    pid: int | None = None
    busy: int = 0
    served: int = 0
    failed: int = 0
    service_seconds: float | None = None
    oldest_wait: float | None = None
    boot_seconds: float | None = None
    throughput: float | None = None
    submitted: int | None = None
    unanswered: int | None = None
    standby: bool = False
    reason: str | None = None
    codes: dict[str, int] | None = None
    seconds: dict[int, int] | None = None
    watched: bool = False
    keys_age: float | None = None

    @property
    def took_terminate(self) -> bool:
        """Whether its sender goes because it took a terminate message; so too when it gives no reason."""
        return self.reason is None or self.reason.startswith(TAKEN)
