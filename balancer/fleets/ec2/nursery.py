"""Keeping the standby pool: warm ones are stopped, surplus ones terminated, missing ones asked for."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from balancer.fleets.ec2.bucket import Bucket
from balancer.fleets.ec2.calls import Ec2Calls, each
from balancer.fleets.ec2.ends import Ends
from balancer.fleets.ec2.faults import Fault
from balancer.fleets.ec2.instances import ALIVE
from balancer.fleets.ec2.known import Known
from balancer.fleets.ec2.standby import care
from wire import log

_log = log.get(__name__)


class Nursery:
    """Looks after those that wait.

    Args:
        calls: to EC2.
        known: the instances.
        ends: terminates.
        warm: seconds that one runs behind its gate before it is stopped.
        clock: seconds, of whatever beginning.
    """

    def __init__(
        self,
        calls: Ec2Calls,
        known: Known,
        ends: Ends,
        warm: float,
        clock: Callable[[], float],
    ) -> None:
        self._calls = calls
        self._known = known
        self._ends = ends
        self._warm = warm
        self._clock = clock
        self._gated_since: dict[str, float] = {}
        self._stops = Bucket(size=20, rate=2.0)

    async def tend(self, target: int, promised: int) -> int:
        """Stop and terminate what is due; how many are to be launched."""
        needed = care(self._known.all(), target, promised, self._warmed())
        await self._stop(needed.stop)
        await self._ends.terminate(needed.terminate)
        return needed.launch

    def _warmed(self) -> list[str]:
        # Since when one runs is our own clock's word: EC2's clock may differ from it.
        now = self._clock()
        running = [i.id for i in self._known.all() if i.gated and i.state == "running"]
        self._gated_since = {ident: self._gated_since.get(ident, now) for ident in running}
        return [ident for ident, since in self._gated_since.items() if now - since >= self._warm]

    def _may_stop(self) -> bool:
        return self._stops.take(self._clock())

    async def _stop(self, ids: Sequence[str]) -> None:
        if not ids or not self._may_stop():
            return
        failed = await each(self._calls.stop, ids, self._may_stop)
        for ident in ids:
            instance = self._known.get(ident)
            if ident in failed and failed[ident].kind is Fault.LATER:
                continue
            if ident in failed:
                _log.warning("standby not stopped", instance=ident, fault=str(failed[ident]))
            elif instance is not None:
                self._known.changed(replace(instance, state="stopping"), ALIVE, self._clock())
                _log.info("standby stopped", instance=ident)
