"""What became of one request."""

from dataclasses import dataclass

OK = "ok"


@dataclass(frozen=True, slots=True)
class Outcome:
    """`code` is "ok", the service's error code, or for what is no answer of its: `http_<status>`,
    `no_connection`, `broken_connection`, `no_answer` (the client's own time ran out).

    `seconds` is from sending to the last byte, as the client sees it.
    """

    url: str
    seconds: float
    code: str
    label: str | None = None

    @property
    def ok(self) -> bool:
        return self.code == OK
