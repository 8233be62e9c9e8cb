"""One tick's launches, decided step by step from EC2's answers. Pure: asks nobody, reads no clock."""

from collections.abc import Sequence
from dataclasses import dataclass

from balancer.fleets.ec2.faults import Fault
from balancer.fleets.ec2.pools import Pool

# EC2 starts five batches of 100 sooner than one of 500 (API reference of RunInstances).
BATCH = 100
# A launch takes a second or two, and EC2's own bucket holds five: fifteen dry pools are asked once each
# within three ticks.
CALLS = 5
# Whether a call fails says nothing about the next one elsewhere only after these.
GOES_ON = frozenset({Fault.DRY, Fault.QUOTA, Fault.REFUSED})


@dataclass(frozen=True, slots=True)
class Ask:
    """A call to make: up to `count` instances of a pool. `slot` and `attempt` number it for its token."""

    pool: Pool
    count: int
    slot: int
    attempt: int


class Round:
    """What is still wanted, where it may come from, what money is left.

    Args:
        wanted: instances.
        pools: in the order in which to try them.
        money: dollars an hour that all together may cost; None is no limit.
    """

    def __init__(self, wanted: int, pools: Sequence[Pool], money: float | None) -> None:
        self._left = wanted
        self._pools = list(pools)
        self._money = money
        self._slot = 0
        self._attempt = 0
        self._most: dict[str, int] = {}
        self._over = False
        self.taken = 0
        self.cost = 0.0

    def next(self, allowed: int) -> Ask | None:
        """The next call, None when there is none to make.

        Args:
            allowed: instances that the rate limit lets through now.
        """
        while self._pools and not self._over and self._attempt < CALLS:
            pool = self._pools[0]
            most = self._most.get(pool.market, BATCH)
            count = min(self._left, most, BATCH, allowed, self._affordable(pool))
            if count > 0:
                return Ask(pool, count, self._slot, self._attempt)
            if not self._left or not allowed:
                return None
            self._pools.pop(0)
        return None

    def came(self, ask: Ask, count: int) -> None:
        """So many were launched; fewer than asked for is all that the pool had."""
        self._attempt += 1
        self._slot += 1
        self._left -= count
        self.taken += count
        self.cost += count * ask.pool.price
        if count < ask.count:
            self._pools.remove(ask.pool)

    def failed(self, ask: Ask, kind: Fault) -> None:
        """The call failed, and nothing was launched."""
        self._attempt += 1
        if kind not in GOES_ON:
            self._over = True
        elif kind is not Fault.QUOTA:
            self._pools.remove(ask.pool)
        elif ask.count > 1:
            # A call for more than the quota leaves is refused as a whole.
            self._most[ask.pool.market] = ask.count // 2
        else:
            self._pools = [pool for pool in self._pools if pool.market != ask.pool.market]

    def lost(self, ask: Ask) -> None:
        """Nobody knows what became of it: it counts as launched, and the service is not well."""
        self.came(ask, ask.count)
        self._over = True

    def _affordable(self, pool: Pool) -> int:
        if self._money is None or not pool.price:
            return self._left
        return int((self._money - self.cost) / pool.price + 1e-9)
