"""The balancer wired as in earnest, over queues, store and EC2 in memory, one virtual second at a time."""

from dataclasses import dataclass, field

from balancer import policies, wiring
from balancer.fleets.ec2.fleet import Ec2Fleet, Ec2Plan
from balancer.plan import Limits
from balancer.tick import Tick
from balancer.wiring import Parts
from tests.unit.ec2.conftest import PLAN, Clock
from tests.unit.ec2.crew import Crew
from tests.unit.ec2.fake_ec2 import FakeEc2
from wire.aws import Aws
from wire.memory import MemoryQueues, MemoryStore
from wire.queues import Queue
from wire.settings import BalancerSettings
from wire.topology import Shared

TICK = 5
BOOT_GRACE = 40.0
LIMITS = Limits(qos=1, min_workers=1, max_workers=6, kill_all_delay=15.0)


class Member:
    """One balancer. `offset` is what its clock is ahead of EC2's and SQS's, in seconds."""

    def __init__(self, stage: "Stage", plan: Ec2Plan, offset: float) -> None:
        clock, self._shared = stage.clock, stage.shared
        self.fleet = Ec2Fleet(stage.aws, stage.ec2, plan, lambda: clock.now + offset)
        settings = BalancerSettings(
            fleet="ec2", deployment="test", boot_grace=BOOT_GRACE, stop_grace=10, visibility=5
        )
        kept, wiring.CLOCK = wiring.CLOCK, lambda: clock.now + offset
        try:
            self.parts: Parts = wiring.wire(
                settings,
                (policies.find("criterion"), LIMITS),
                self.fleet,
                [],
                stage.shared,
                stage.queues,
                stage.store,
                self._reports,
            )
        finally:
            wiring.CLOCK = kept
        self.parts.leader._clock = lambda: clock.now + offset
        self._leads = False
        self.told: list[Tick] = []
        told = self.parts.balancer._tell
        self.parts.balancer._tell = lambda tick: (self.told.append(tick), told(tick))

    async def _reports(self) -> Queue:
        return self._shared.reports

    async def tick(self) -> None:
        """What `Balancer.run`, `Leader.run` and `Paperwork.run` do in a tick."""
        await self.parts.leader.step()
        if not self.parts.leader.may_act():
            self._leads = False
            return
        if not self._leads:
            self._leads = await self.parts.balancer._begin()
        if not self._leads:
            return
        await self.parts.balancer.on_tick()
        await self.parts.paperwork._do(self.parts.paperwork._errands)


@dataclass
class Stage:
    """One deployment; `members` are its living balancers."""

    clock: Clock
    ec2: FakeEc2
    aws: Aws
    queues: MemoryQueues
    shared: Shared
    store: MemoryStore
    crew: Crew
    plan: Ec2Plan = PLAN
    members: list[Member] = field(default_factory=list)
    most: int = 0

    def join(self, offset: float = 0.0) -> Member:
        """Another balancer."""
        member = Member(self, self.plan, offset)
        self.members.append(member)
        return member

    async def want(self, workers: int) -> None:
        """So many messages wait that so many workers are needed, at one each."""
        while received := await self.shared.requests.receive(10, wait=0):
            for each in received:
                await self.shared.requests.delete(each.receipt)
        await self.shared.requests.send_many(["x"] * workers)

    async def run(self, ticks: int) -> None:
        """So many ticks, each with the seconds after it. Nobody is ever above the bound."""
        for _ in range(ticks):
            for member in list(self.members):
                await member.tick()
            for _ in range(TICK):
                self.most = max(self.most, len(self.able()))
                self.clock.now += 1
                await self.crew.live()

    def able(self) -> list[str]:
        """EC2's own word: who runs, or will, and was not told to go by force."""
        doomed = {ident for member in self.members for ident in member.fleet._ends._due}
        return [
            each.id
            for each in self.ec2.alive()
            if each.id not in doomed and each.at(self.clock()).tags["classifycloud-active"] == "yes"
        ]

    def terminated(self) -> set[str]:
        """Who was ever ended by force."""
        calls = self.ec2.called("terminate_instances")
        return {ident for given in calls for ident in given["InstanceIds"]}

    @property
    def launched(self) -> int:
        """How many instances were ever launched."""
        return len(self.ec2.instances)
