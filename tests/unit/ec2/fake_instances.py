"""Instances in time: what each one was, is and, left alone, will be.

States and their order: docs.aws.amazon.com/AWSEC2/latest/UserGuide/ec2-instance-lifecycle.html.
"""

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

BOOT = 3.0  # seconds from pending to running
SHUT = 8.0  # seconds that an instance takes to stop or to terminate


@dataclass(frozen=True)
class Phase:
    """From `at` on an instance is in this state and has these tags."""

    at: float
    state: str
    tags: dict[str, str]


@dataclass
class FakeInstance:
    """One instance. `history` has its phases, those to come included; nothing is ever taken out of it
    but what has not happened yet."""

    id: str
    kind: str
    subnet: str
    zone: str
    market: str
    token: str
    shutdown: str
    created: float
    started: float
    history: list[Phase] = field(default_factory=list)

    def at(self, now: float) -> Phase | None:
        """The phase at a time; None before its launch."""
        past = [phase for phase in self.history if phase.at <= now]
        return past[-1] if past else None

    def state(self, now: float) -> str:
        phase = self.at(now)
        return phase.state if phase is not None else "none"

    def become(self, now: float, first: str, then: str, seconds: float) -> None:
        """Enter a state, and in so many seconds the one after it."""
        tags = self.at(now).tags if self.history else {}
        self.history = [phase for phase in self.history if phase.at <= now]
        self.history += [Phase(now, first, tags), Phase(now + seconds, then, tags)]

    def tag(self, now: float, tags: dict[str, str]) -> None:
        present = self.at(now)
        self.history = [
            replace(phase, tags={**phase.tags, **tags}) if phase.at > now else phase
            for phase in self.history
        ]
        merged = {**present.tags, **tags}
        place = sum(phase.at <= now for phase in self.history)
        self.history.insert(place, Phase(now, present.state, merged))

    def power_off(self, now: float) -> None:
        """What `poweroff` on the instance does."""
        if self.state(now) not in {"pending", "running"}:
            return
        if self.shutdown == "stop":
            self.become(now, "stopping", "stopped", SHUT)
        else:
            self.terminate(now)

    def terminate(self, now: float) -> None:
        if self.state(now) not in {"shutting-down", "terminated"}:
            self.become(now, "shutting-down", "terminated", SHUT)

    def told(self, seen_at: float) -> dict:
        """As an answer of the API has it, as of a time."""
        phase = self.at(seen_at) or self.history[0]
        told = {
            "InstanceId": self.id,
            "InstanceType": self.kind,
            "State": {"Name": phase.state},
            "SubnetId": self.subnet,
            "Placement": {"AvailabilityZone": self.zone},
            "LaunchTime": datetime.fromtimestamp(self.started, UTC),
            "ClientToken": self.token,
            "Tags": [{"Key": key, "Value": value} for key, value in phase.tags.items()],
        }
        return {**told, "InstanceLifecycle": "spot"} if self.market == "spot" else told
