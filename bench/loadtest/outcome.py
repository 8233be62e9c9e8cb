"""What became of one request."""

from dataclasses import dataclass

OK = "ok"


@dataclass(frozen=True, slots=True)
class Outcome:
    """`code` is "ok", the service's error code, or one of the client's own (`bench.loadtest.hints`).

    Times are in seconds: `due` after the beginning of the run; `seconds` from then to the last byte,
    so that a late sender hides nothing; `late` is the part of it that the sender itself was late.
    `tries` is over 1 where it was asked again, as Retry-After said.
    """

    due: float
    seconds: float
    code: str
    late: float = 0.0
    cached: bool = False
    tries: int = 1

    @property
    def ok(self) -> bool:
        return self.code == OK

    @property
    def end(self) -> float:
        """Seconds after the beginning of the run."""
        return self.due + self.seconds
