"""Workers on the instances of an EC2 in memory: they boot, report, take terminate messages and power off.

They keep the worker's side of the terminate protocol: idle ones take a message each, at once, and go if it
is at most VALID_SECONDS old in the queue's own time.
"""

from dataclasses import dataclass, field

from tests.unit.ec2.fake_ec2 import FakeEc2
from tests.unit.ec2.fake_instances import FakeInstance
from wire.messages import Report
from wire.names import ACTIVE_TAG
from wire.topology import Shared
from worker.lookout import VALID_SECONDS

READY = 4.0  # seconds from running to ready
HEARTBEAT = 30.0


@dataclass
class Crew:
    """Everybody who works. `mute` instances run and never say a word."""

    ec2: FakeEc2
    shared: Shared
    mute: set[str] = field(default_factory=set)
    said: dict[str, tuple[float, str]] = field(default_factory=dict)
    expired: int = 0
    left: int = 0

    async def live(self) -> None:
        """What happens in a second."""
        for each in self._working():
            await self._speak(each)
        for each in self._working():
            if each.id in self.said and _is_active(each, self.ec2.clock()):
                await self._look_out(each)

    def _working(self) -> list[FakeInstance]:
        now = self.ec2.clock()
        return [
            each
            for each in self.ec2.alive()
            if each.id not in self.mute
            and each.state(now) == "running"
            and now >= each.started + self.ec2.boot + READY
        ]

    async def _speak(self, instance: FakeInstance) -> None:
        now = self.ec2.clock()
        active = _is_active(instance, now)
        state = "idle" if active else "ready"
        said_at, said = self.said.get(instance.id, (float("-inf"), ""))
        if said != state or said_at < instance.started or now - said_at >= HEARTBEAT:
            await self._report(instance, state, standby=not active)

    async def _look_out(self, instance: FakeInstance) -> None:
        for received in await self.shared.terminate.receive(1, wait=0):
            await self.shared.terminate.delete(received.receipt)
            if received.age > VALID_SECONDS:
                self.expired += 1
            else:
                self.left += 1
                await self._report(instance, "stopped")
                instance.power_off(self.ec2.clock())
                return

    async def _report(self, instance: FakeInstance, state: str, **more) -> None:
        self.said[instance.id] = (self.ec2.clock(), state)
        body = Report(sender=instance.id, kind="worker", state=state, **more).encode()
        await self.shared.reports.send(body)


def _is_active(instance: FakeInstance, now: float) -> bool:
    return instance.at(now).tags[ACTIVE_TAG] == "yes"
