"""What a layer of faults has to know of the service behind it."""

from collections.abc import Mapping
from typing import NamedTuple, Protocol

from local.endpoint import Scope
from local.faults.exchange import Answer


class Request(NamedTuple):
    """A request by the action's name in the API reference and what it is about, a queue or a path."""

    action: str
    target: str
    conditional: bool = False


class Dialect(Protocol):
    """One service's way to name requests and to refuse them."""

    @property
    def refusals(self) -> Mapping[str, Answer]:
        """What is answered instead of acting, by fault; `lost_500` stands for what is answered after."""

    def request(self, scope: Scope, body: bytes, /) -> Request | None:
        """The request; None for one that is no action, a health check say."""
