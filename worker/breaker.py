"""A host that let several fetches in a row run out is left alone for a while: a circuit breaker.

Each such fetch costs a place for the whole time-out, and forty of them would hold up a worker for
minutes. Source: M. Nygard, "Release It!", 2007, chapter 5.
"""

import time
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from wire.errors import FetchTimeout, ServiceError, UpstreamUnreachable

STRIKES = 5
SLOW = 2.0  # seconds; what fails sooner holds nobody up
HOSTS = 10_000  # that are remembered


class LeftAlone(FetchTimeout):
    """Nobody is sent there for the moment."""

    message = "The picture's host let several requests run out and is left alone for some seconds."


@dataclass(slots=True)
class Standing:
    """Slow failures in a row, and until when the host is left alone, in monotonic seconds."""

    strikes: int = 0
    until: float = 0.0


class Breaker:
    """Counts slow failures by host.

    Args:
        rest: seconds for which a host is left alone; then one fetch tries it, and its outcome decides.
        clock: monotonic seconds.
    """

    def __init__(self, rest: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._rest = rest
        self._clock = clock
        self._hosts: OrderedDict[str, Standing] = OrderedDict()

    @contextmanager
    def over(self, host: str) -> Iterator[None]:
        """Around one fetch from the host.

        Raises:
            LeftAlone: instead of the fetch.
        """
        self._ask(host)
        began = self._clock()
        try:
            yield
        except (FetchTimeout, UpstreamUnreachable):
            if self._clock() - began >= SLOW:
                self._strike(host)
            raise
        except ServiceError:
            self._hosts.pop(host, None)  # it answers, if only nonsense
            raise
        else:
            self._hosts.pop(host, None)

    def _ask(self, host: str) -> None:
        standing = self._hosts.get(host)
        if standing is None or standing.strikes < STRIKES:
            return
        if self._clock() < standing.until:
            raise LeftAlone
        standing.until = self._clock() + self._rest  # for all but this one

    def _strike(self, host: str) -> None:
        standing = self._hosts.setdefault(host, Standing())
        self._hosts.move_to_end(host)
        standing.strikes += 1
        standing.until = self._clock() + self._rest
        if len(self._hosts) > HOSTS:
            self._hosts.popitem(last=False)
