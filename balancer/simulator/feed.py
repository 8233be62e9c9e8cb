"""Arrivals of a trace, taken as time passes."""

from balancer.simulator.traces import Times, Trace


class Feed:
    """Hands out what came before a second, once."""

    def __init__(self, trace: Trace) -> None:
        self._chunks = trace.chunks()
        self._chunk: Times | None = next(self._chunks, None)
        self._at = 0

    @property
    def over(self) -> bool:
        """Whether nothing comes any more."""
        while self._chunk is not None and self._at == len(self._chunk):
            self._chunk, self._at = next(self._chunks, None), 0
        return self._chunk is None

    def before(self, until: float) -> list[Times]:
        """The arrivals up to now that were not handed out yet."""
        taken = []
        while not self.over:
            assert self._chunk is not None  # noqa: S101
            end = int(self._chunk.searchsorted(until))
            if end <= self._at:
                break
            taken.append(self._chunk[self._at : end])
            self._at = end
        return taken
