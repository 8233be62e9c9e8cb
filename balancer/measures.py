"""How long a boot and a picture take, from what workers did; kept while there are none."""

from collections import deque
from collections.abc import Iterable
from statistics import fmean, median

RECENT = 32
AGREE = 15.0  # seconds between two clocks' view of one boot; a tick is part of it


class Measures:
    """Boots in seconds, oldest first; `service_seconds` of one worker for one picture when it is busy.

    A boot is from the launch to the first report of being ready, not what the worker says of itself: a
    policy needs to know when capacity comes, and the machine below the worker boots too. The median,
    because one machine in trouble says nothing about the next.
    """

    def __init__(self, boots: Iterable[float] = (), service_seconds: float | None = None) -> None:
        self.boots = deque(boots, maxlen=RECENT)
        self.service_seconds = service_seconds

    @property
    def boot_seconds(self) -> float | None:
        """Seconds from launch to ready; None before the first boot."""
        return median(self.boots) if self.boots else None

    def booted(self, provided: float, observed: float) -> None:
        """Enter a boot as two clocks saw it.

        Args:
            provided: from the fleet's launch time to the report's sending, both told by what the fleet
                runs on. It is exact, unless the two are told by clocks that differ, or the worker
                was stopped for long in between.
            observed: from the first sight of the worker to its report; late by up to a tick.
        """
        seconds = provided if observed <= provided <= observed + AGREE else observed
        if seconds > 0:
            self.boots.append(seconds)

    def worked(self, throughputs: Iterable[float], services: Iterable[float]) -> float | None:
        """The seconds of a worker for a picture, by what the present workers last said.

        Args:
            throughputs: pictures a second of each that was measured while it had all it can hold.
            services: seconds of one picture from fetch to label; a worker has several at a time, so
                that this is more than its share, and used only until a throughput is known.
        """
        rates, times = list(throughputs), list(services)
        if rates:
            self.service_seconds = 1.0 / fmean(rates)
        elif times and self.service_seconds is None:
            return fmean(times)
        return self.service_seconds
