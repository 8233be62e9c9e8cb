"""The workers of a simulated fleet: who exists, what they are paid, when they should have been ready."""

from collections import deque
from dataclasses import dataclass

from balancer.measures import Measures
from balancer.simulator.world import World


@dataclass(slots=True)
class Member:
    """One worker. `launched` is the second of its launch."""

    who: int
    launched: float
    booting: bool = True
    draining: bool = False


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
        self._launched = 0.0
        self._measures = Measures()
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
        self._launched += now
        return member

    def measure(self, who: int, now: float) -> None:
        """A boot ends; `boot_seconds` is what the balancer makes of the latest."""
        boot = now - self.members[who].launched
        self._measures.booted(boot, boot)
        self.boot_seconds = self._measures.boot_seconds

    def ready(self, who: int) -> Member:
        """A worker may be given pictures."""
        member = self.members[who]
        member.booting = False
        self.booting -= 1
        return member

    def drain(self, who: int) -> None:
        """A worker takes no more."""
        self.members[who].draining = True
        self.draining += 1

    def pay(self, seconds: float) -> None:
        """For an instance that is no worker."""
        self._ended += max(seconds, self._world.paid_minute)

    def gone(self, who: int, now: float) -> None:
        member = self.members.pop(who)
        self.draining -= member.draining
        self.booting -= member.booting
        self._launched -= member.launched
        self._ended += max(now - member.launched, self._world.paid_minute)

    def fresh(self, now: float) -> int:
        """Those who stay and are in the minute that is paid in any case."""
        return sum(not member.draining for member in self._unpaid(now))

    def worker_seconds(self, now: float) -> float:
        """Seconds billed until now, were everybody to stop now."""
        least = sum(self._world.paid_minute - now + each.launched for each in self._unpaid(now))
        return self._ended + len(self.members) * now - self._launched + least

    def _unpaid(self, now: float) -> list[Member]:
        while self._recent and now - self._recent[0].launched >= self._world.paid_minute:
            self._recent.popleft()
        return [member for member in self._recent if member.who in self.members]
