"""Notices that EC2 gives an instance before it takes it away: two minutes for a spot interruption, more
for a rebalance recommendation. Either sends the worker home as SIGTERM does.

Sources: "Spot Instance interruption notices" and "EC2 instance rebalance recommendations", Amazon EC2
User Guide; it asks for a look every 5 s.
"""

import json

from wire import log
from worker.imds import Imds, ImdsAway
from worker.shift import Shift

EVERY = 5.0
INTERRUPTION = "spot/instance-action"
REBALANCE = "events/recommendations/rebalance"

logger = log.get("worker")


class Notices:
    """Drains the shift when there is one.

    Args:
        every: seconds between looks.
    """

    def __init__(self, imds: Imds, shift: Shift, every: float = EVERY) -> None:
        self._imds = imds
        self._shift = shift
        self._every = every
        self._away = False

    async def run(self) -> None:
        """Look until the shift drains."""
        while not self._shift.draining:
            await self._look()
            await self._shift.until(lambda: bool(self._shift.draining), self._every)

    async def _look(self) -> None:
        try:
            interruption = await self._imds.get(INTERRUPTION)
            rebalance = await self._imds.get(REBALANCE)
        except ImdsAway as error:
            if not self._away:
                logger.warning("notices of EC2 cannot be read", error=str(error))
            self._away = True
            return
        self._away = False
        if interruption is not None:
            self._shift.drain(f"spot notice: {_told(interruption, 'action', 'time')}")
        elif rebalance is not None:
            self._shift.drain(f"rebalance recommendation: {_told(rebalance, 'noticeTime')}")


def _told(notice: str, *names: str) -> str:
    # A notice counts, however it is written.
    try:
        fields = json.loads(notice)
        return " ".join(str(fields[name]) for name in names)
    except (ValueError, KeyError, TypeError):
        return notice[:200]
