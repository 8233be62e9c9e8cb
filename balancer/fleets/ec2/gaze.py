"""Looks at the instances beside the ticks: a large fleet is many pages, and each takes EC2 a second or so.

A tick that waited for all of them would outlast its balancer's lease. So it waits a moment, which is enough
for most fleets, and otherwise goes by the last look until the next one is there.
"""

import asyncio
from collections.abc import Awaitable, Callable

from balancer.fleets.ec2.faults import Ec2Fault, Fault
from balancer.fleets.ec2.instances import Instance

MOMENT = 2.0  # seconds that a tick waits
# As long as a look took, the next one waits: at most half the time is spent on looking.
REST = 1.0
# A picture that is older than this is none to act by; a fleet of ten thousand is looked at twice in it.
STALE = 60.0
# Whoever was not asked for so long did not lead meanwhile: what was found then is no news any more.
OLD = 30.0

Describe = Callable[[], Awaitable[list[Instance]]]


class Gaze:
    """One look at a time.

    Args:
        describe: takes a whole look.
        clock: seconds, of whatever beginning.
        moment: seconds that is waited for a look, unless nothing is known yet.
    """

    def __init__(
        self, describe: Describe, clock: Callable[[], float], moment: float = MOMENT
    ) -> None:
        self._describe = describe
        self._clock = clock
        self._moment = moment
        self._looking: asyncio.Task[list[Instance]] | None = None
        self._blind = True  # whatever is known is nothing, or too old to go by
        self._asked_at = self._rests_until = self._seen_at = clock()
        self._fault: Ec2Fault | None = None

    async def news(self) -> list[Instance] | None:
        """Every instance, if a look ended since this was last asked; None otherwise.

        Raises:
            Ec2Fault: the last look failed, or there has been none for STALE seconds; others are taken.
        """
        now = self._clock()
        if now - self._asked_at > OLD:
            self._blind = True
            await self.close()
        self._asked_at = now
        if self._looking is None and now < self._rests_until and not self._blind:
            self._check()
            return None
        looking = self._looking = self._looking or asyncio.create_task(self._look())
        done, _ = await asyncio.wait((looking,), timeout=None if self._blind else self._moment)
        self._asked_at = self._clock()
        if not done:
            self._check()
            return None
        self._looking = None
        try:
            found = looking.result()
        except Ec2Fault as fault:
            self._fault = fault
            raise
        self._blind, self._fault, self._seen_at = False, None, self._clock()
        return found

    def _check(self) -> None:
        if self._fault is not None:
            raise Ec2Fault(self._fault.kind, self._fault.code, "and no look has ended since")
        age = self._clock() - self._seen_at
        if age > STALE:
            raise Ec2Fault(Fault.UNKNOWN, "Stale", f"the last look ended {age:.0f} s ago")

    async def close(self) -> None:
        """End a look that is under way."""
        looking, self._looking = self._looking, None
        if looking is not None:
            looking.cancel()
            await asyncio.gather(looking, return_exceptions=True)

    async def _look(self) -> list[Instance]:
        began = self._clock()
        try:
            return await self._describe()
        finally:
            self._rests_until = self._clock() + REST * (self._clock() - began)
