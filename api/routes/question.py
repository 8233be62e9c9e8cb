"""What a request to `/classify` or `/features` asks: its query and headers, read in one place."""

from collections.abc import Mapping
from typing import Annotated
from urllib.parse import parse_qsl

from pydantic import Field, TypeAdapter, ValidationError
from starlette.datastructures import Headers
from starlette.requests import Request

from api.errors import invalid
from api.idempotency.replays import HEADER, checked
from api.repeats.wishes import ANYTHING, Wish, wished
from api.routes.sifting import SIFTING, sifting
from api.submit import Options
from wire.errors import InvalidUrl

TOP, LEAST, MOST = 5, 1, 1000
_TOP = TypeAdapter(Annotated[int, Field(ge=LEAST, le=MOST)])


class Question:
    """One request's parameters. `key` is its Idempotency-Key, `wish` what it says of remembered answers."""

    __slots__ = ("_query", "key", "options", "wish")

    def __init__(self, request: Request) -> None:
        """Raises InvalidParameter: one has a value that it may not have."""
        # The last of several counts, as with the framework.
        text = request.scope["query_string"].decode("latin-1")
        pairs = parse_qsl(text, keep_blank_values=True)
        query: dict[str, str] = dict(pairs)
        self._query, headers = query, request.headers
        top, wish = _top(query), _wish(headers)
        model, version = query.get("model"), query.get("modelVersion")
        sieve = None if SIFTING.isdisjoint(query) else sifting(pairs)
        self.options = Options(top, model, version, fresh=wish.fresh, sieve=sieve)
        self.key = checked(headers.getlist(HEADER))
        self.wish = wish

    def given(self, name: str) -> str | None:
        """A parameter as it came."""
        return self._query.get(name)

    def url(self) -> str:
        """The picture's, whatever it is.

        Raises:
            InvalidUrl: there is none.
        """
        url = self._query.get("url")
        if url is None:
            raise InvalidUrl
        return url


def _top(query: Mapping[str, str]) -> int:
    given = query.get("top")
    if given is None:
        return TOP
    try:
        return _TOP.validate_python(given)
    except ValidationError as error:
        faults = [{**fault, "loc": ("query", "top")} for fault in error.errors(include_url=False)]
        raise invalid(faults) from None


def _wish(headers: Headers) -> Wish:
    values = headers.getlist("cache-control")
    return wished(values) if values else ANYTHING
