"""A host that let several fetches in a row run out is left alone for a while: a circuit breaker.

Each such fetch costs a place for the whole time-out, and forty of them would hold up a worker for
minutes. It is left alone for the callers whose fetches they were: nobody shuts a host for others, with
slow pages there or with redirects from there to elsewhere. Source: M. Nygard, "Release It!", 2007, chapter 5.
"""

import time
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from wire.errors import FetchTimeout, ServiceError, UpstreamUnreachable

STRIKES = 5
SLOW = 2.0  # seconds; what fails sooner holds nobody up
HOSTS = 10_000  # that are remembered, one for each group that met it

Met = tuple[str | None, str]
"""A message group, and a host."""


class LeftAlone(FetchTimeout):
    """Nobody is sent there for the moment."""

    message = "The picture's host let several requests run out and is left alone for some seconds."


@dataclass(slots=True)
class Standing:
    """Slow failures in a row, and until when the host is left alone, in monotonic seconds."""

    strikes: int = 0
    until: float = 0.0


class Breaker:
    """Counts slow failures by message group and host.

    Args:
        rest: seconds for which a host is left alone; then one fetch tries it, and its outcome decides.
        clock: monotonic seconds.
    """

    def __init__(self, rest: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._rest = rest
        self._clock = clock
        self._met: OrderedDict[Met, Standing] = OrderedDict()

    @contextmanager
    def over(self, group: str | None, host: str) -> Iterator[None]:
        """Around one fetch from the host, for the group. "" is no host: it is never left alone.

        Raises:
            LeftAlone: instead of the fetch.
        """
        met = (group, host)
        self._ask(met)
        began = self._clock()
        try:
            yield
        except (FetchTimeout, UpstreamUnreachable):
            if host and self._clock() - began >= SLOW:
                self._strike(met)
            raise
        except ServiceError:
            self._met.pop(met, None)  # it answers, if only nonsense
            raise
        else:
            self._met.pop(met, None)

    def _ask(self, met: Met) -> None:
        standing = self._met.get(met)
        if standing is None or standing.strikes < STRIKES:
            return
        if self._clock() < standing.until:
            raise LeftAlone
        standing.until = self._clock() + self._rest  # for all but this one

    def _strike(self, met: Met) -> None:
        standing = self._met.setdefault(met, Standing())
        self._met.move_to_end(met)
        standing.strikes += 1
        standing.until = self._clock() + self._rest
        if len(self._met) > HOSTS:
            self._met.popitem(last=False)
