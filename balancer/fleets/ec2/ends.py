"""Ending instances: TerminateInstances, once the grace is over.

There is no signal to send to an instance: a worker is asked through the terminate queue. What is
scheduled here is the force after that. It is not written down: whoever balances next finds the same
workers overdue and schedules them anew.
"""

from collections.abc import Callable, Sequence

from balancer.fleets.ec2.bucket import Bucket
from balancer.fleets.ec2.calls import LONGEST, Ec2Calls, each
from balancer.fleets.ec2.faults import Fault
from balancer.fleets.ec2.known import Known
from wire import log

_log = log.get(__name__)

# One call can name 1 000; a smaller one that fails for the sake of one is sooner found out.
BATCH = 100
# Whom EC2 would not end is tried again after so many seconds, after the others and not among them.
AGAIN = 30.0


class Ends:
    """Who is to be terminated when, in seconds on `clock`."""

    def __init__(self, calls: Ec2Calls, known: Known, clock: Callable[[], float]) -> None:
        self._calls = calls
        self._known = known
        self._clock = clock
        self._due: dict[str, float] = {}
        self._refused: dict[str, float] = {}
        self._requests = Bucket(size=20, rate=4.0)

    def __contains__(self, ident: str) -> bool:
        return ident in self._due

    def schedule(self, ident: str, grace: float) -> None:
        """Terminate it in `grace` seconds; an earlier end stays."""
        self._due.setdefault(ident, self._clock() + grace)

    def spare(self, ident: str) -> None:
        """It works after all."""
        self._due.pop(ident, None)

    def forget(self) -> None:
        """Another epoch judges anew: somebody else may have led, and heard those that were silent."""
        self._due.clear()

    def drop_gone(self) -> None:
        """One that went in time may be a standby in its pool by now, and be woken for another turn."""
        self._due = {ident: at for ident, at in self._due.items() if self._works(ident)}
        self._refused = {
            ident: at for ident, at in self._refused.items() if self._known.get(ident) is not None
        }

    async def carry_out(self) -> None:
        """Terminate those whose time is over. What fails stays due."""
        now = self._clock()
        await self.terminate([ident for ident, at in self._due.items() if now >= at])

    def _works(self, ident: str) -> bool:
        found = self._known.get(ident)
        return found is not None and found.works

    async def terminate(self, ids: Sequence[str]) -> None:
        """Terminate these now; one that EC2 does not know (yet) keeps no other from it."""
        began = self._clock()

        def may() -> bool:
            return self._clock() - began <= LONGEST and self._requests.take(self._clock())

        fresh = [ident for ident in ids if ident not in self._refused]
        again = [i for i in ids if began - self._refused.get(i, began) >= AGAIN]
        for group in (fresh, again):
            for first in range(0, len(group), BATCH):
                if not may():
                    return
                await self._terminate(group[first : first + BATCH], may)

    async def _terminate(self, ids: Sequence[str], may: Callable[[], bool]) -> None:
        now = self._clock()
        failed = await each(self._calls.terminate, ids, may)
        for ident, fault in failed.items():
            if fault.kind is not Fault.LATER:
                _log.warning("instance not terminated", instance=ident, fault=str(fault))
            if fault.concerns_one:
                self._refused[ident] = now
        if any(fault.kind is Fault.THROTTLED for fault in failed.values()):
            self._requests.refused(now)
        done = [ident for ident in ids if ident not in failed]
        if done:
            self._requests.granted()
            _log.info("instances terminated", instances=done)
        for ident in done:
            self._due.pop(ident, None)
            self._known.ended(ident, now)
