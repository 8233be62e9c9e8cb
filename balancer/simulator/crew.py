"""The workers of a simulated fleet: who exists, what they are paid, when they should have been ready."""

from collections import deque
from dataclasses import dataclass

from balancer.simulator.world import World


@dataclass(slots=True)
class Member:
    """One worker; seconds of its launch, of its readiness and of its drain, None before."""

    who: int
    launched: float
    ready: float | None = None
    drains: float | None = None
    by_scale_in: bool = False


class Crew:
    """Everybody from launch until gone.

    `ended` is the sum of billed seconds of those who are gone. `booting` counts launched workers that are
    neither ready nor gone, `draining` those that finish what they hold.
    """

    def __init__(self, world: World) -> None:
        self._world = world
        self.members: dict[int, Member] = {}
        self.booting = 0
        self.draining = 0
        self.launches = 0
        self.boot_seconds: float | None = None
        self._ended = 0.0
        self._boots: deque[float] = deque(maxlen=32)
        self._recent: deque[Member] = deque()

    @property
    def staying(self) -> int:
        return len(self.members) - self.draining

    def launch(self, now: float) -> Member:
        member = Member(self.launches, now)
        self.launches += 1
        self.booting += 1
        self.members[member.who] = member
        self._recent.append(member)
        return member

    def ready(self, who: int, now: float, measured: bool = True) -> None:
        member = self.members[who]
        member.ready = now
        self.booting -= 1
        if measured:
            self._boots.append(now - member.launched)
            self.boot_seconds = sum(self._boots) / len(self._boots)

    def drain(self, who: int, now: float, by_scale_in: bool) -> None:
        member = self.members[who]
        member.drains, member.by_scale_in = now, by_scale_in
        self.draining += 1

    def gone(self, who: int, now: float) -> None:
        member = self.members.pop(who)
        self.draining -= member.drains is not None
        self.booting -= member.ready is None
        self._ended += self._billed(member, now)

    def fresh(self, now: float) -> int:
        """Those who stay and are in the minute that is paid in any case."""
        while self._recent and now - self._recent[0].launched >= self._world.paid_minute:
            self._recent.popleft()
        return sum(m.drains is None and m.who in self.members for m in self._recent)

    def seasoned(self, who: int, now: float) -> bool:
        """Whether a worker takes terminate messages: not in the minute that is paid in any case."""
        return now - self.members[who].launched >= self._world.paid_minute

    def worker_seconds(self, now: float) -> float:
        """Seconds billed until now, were everybody to stop now."""
        running = sum(self._billed(member, now) for member in self.members.values())
        return self._ended + running

    def _billed(self, member: Member, now: float) -> float:
        return max(now - member.launched, self._world.paid_minute)
