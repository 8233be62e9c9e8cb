"""One request and how its answer is read. Pure: nothing is sent here."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Generic, TypeAlias, TypeVar
from uuid import uuid4

from classifycloud.client.answers import Job

T = TypeVar("T")
Query: TypeAlias = Mapping[str, str | list[str]]

KEY = "Idempotency-Key"


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer as it came over the wire. `headers` by their names in lower case."""

    status: int
    headers: Mapping[str, str]
    content: bytes

    @property
    def good(self) -> bool:
        return 200 <= self.status < 300


@dataclass(frozen=True, slots=True)
class Call(Generic[T]):
    """A request.

    Attributes:
        read: what its reply says; raises ClassifyCloudError.
        keyed: whether it carries an Idempotency-Key, so that sending it again doubles nothing.
        safe: whether sending it again doubles nothing without one.
        late: where the service answers with a job: what its end says, or what is to be asked then.
    """

    method: str
    path: str
    read: Callable[[Reply], T]
    params: Query = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    content: bytes | None = None
    safe: bool = False
    late: "Callable[[Job], T | Call[T]] | None" = None

    @property
    def keyed(self) -> bool:
        return KEY in self.headers

    def anew(self) -> "Call[T]":
        """The same as a request of its own: under a new key where it has one."""
        if not self.keyed:
            return self
        return replace(self, headers={**self.headers, KEY: new_key()})


def new_key() -> str:
    """A key that no other request has: 122 random bits."""
    return str(uuid4())


def query(**given: Any) -> dict[str, str | list[str]]:
    """What was given, as the query writes it; of several values, the name stands once for each."""
    return {name: _written(value) for name, value in given.items() if value is not None}


def _written(value: Any) -> str | list[str]:
    return str(value) if isinstance(value, str | int | float) else [str(each) for each in value]
