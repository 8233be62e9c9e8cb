"""EC2 in memory, as its documentation describes it: a client with boto3's methods and a virtual clock.

ClientToken: devguide/ec2-api-idempotency. Describe lags: devguide/eventual-consistency. Throttling:
devguide/ec2-api-throttling. Calls for several instances: API_TerminateInstances ("if the request fails, for
example because of a single incorrect instance ID, none of the instances are terminated").
"""

import itertools
import re
from collections.abc import Callable
from typing import Any

from tests.unit.ec2.fake_faults import Faults, lost, refusal
from tests.unit.ec2.fake_instances import BOOT, SHUT, FakeInstance

# UserGuide/work-with-tags-in-IMDS: EC2 refuses any other key once tags are in the metadata.
TAG_KEY = re.compile(r"[0-9a-zA-Z\-_+=,.@:]{1,255}")
ALIVE = {"pending", "running"}


class FakeEc2:
    """One account in one region.

    Args:
        clock: seconds since the epoch.
        zones: zone by subnet.
        lag: seconds until Describe shows what happened.
        tokens: whether it knows client tokens; emulators do not.
        page: the most instances in one answer of Describe.
    """

    def __init__(
        self,
        clock: Callable[[], float],
        zones: dict[str, str] | None = None,
        lag: float = 0.0,
        tokens: bool = True,
        page: int = 1000,
    ) -> None:
        self.clock = clock
        self.zones = zones or {"": "zone-a"}
        self.lag = lag
        self.tokens = tokens
        self.page = page
        self.faults = Faults()
        self.boot = BOOT
        self.instances: dict[str, FakeInstance] = {}
        self.calls: list[tuple[str, dict[str, Any]]] = []
        self._answered: dict[str, tuple[dict[str, Any], list[str]]] = {}
        self._ids = itertools.count(1)

    def run_instances(self, **given: Any) -> dict[str, Any]:
        return self._carried("run_instances", given, self._run)

    def describe_instances(self, **given: Any) -> dict[str, Any]:
        return self._carried("describe_instances", given, self._describe)

    def terminate_instances(self, **given: Any) -> dict[str, Any]:
        return self._carried("terminate_instances", given, self._terminate)

    def stop_instances(self, **given: Any) -> dict[str, Any]:
        return self._carried("stop_instances", given, self._stop)

    def start_instances(self, **given: Any) -> dict[str, Any]:
        return self._carried("start_instances", given, self._start)

    def create_tags(self, **given: Any) -> dict[str, Any]:
        return self._carried("create_tags", given, self._tag)

    def alive(self, role: str | None = None) -> list[FakeInstance]:
        """The truth: what runs or will, whatever Describe shows."""
        now = self.clock()
        return [
            each
            for each in self.instances.values()
            if each.state(now) in ALIVE and role in (None, each.at(now).tags["classifycloud-role"])
        ]

    def called(self, operation: str) -> list[dict[str, Any]]:
        return [given for name, given in self.calls if name == operation]

    def _carried(self, operation: str, given: dict, act: Callable[[dict], dict]) -> dict:
        self.calls.append((operation, given))
        if operation in self.faults.throttled:
            raise refusal("RequestLimitExceeded", operation)
        if operation in self.faults.refuse:
            raise refusal(self.faults.refuse[operation], operation)
        if self.faults.lose_before[operation]:
            self.faults.lose_before[operation] -= 1
            raise lost(operation)
        answer = act(given)
        if self.faults.lose_after[operation]:
            self.faults.lose_after[operation] -= 1
            raise lost(operation)
        return answer

    def _run(self, given: dict[str, Any]) -> dict[str, Any]:
        token = given["ClientToken"]
        assert token.isascii()
        assert 0 < len(token) <= 64
        assert 1 <= given["MinCount"] <= given["MaxCount"]
        if self.tokens and token in self._answered:
            before, ids = self._answered[token]
            if before != given:
                raise refusal("IdempotentParameterMismatch", "RunInstances")
            now = self.clock()
            return {"Instances": [self.instances[each].told(now) for each in ids]}
        tags = _tags(given["TagSpecifications"][0]["Tags"])
        assert all(TAG_KEY.fullmatch(key) for key in tags)
        came = [self._launch(given, tags) for _ in range(self._room(given))]
        self._answered[token] = (given, [each.id for each in came])
        return {"Instances": [each.told(self.clock()) for each in came]}

    def _room(self, given: dict[str, Any]) -> int:
        """How many of those asked for can be launched; at least one."""
        market = given.get("InstanceMarketOptions", {}).get("MarketType", "on-demand")
        same = sum(each.market == market for each in self.alive())
        if same + given["MaxCount"] > self.faults.quota.get(market, 10**9):
            code = "MaxSpotInstanceCountExceeded" if market == "spot" else "VcpuLimitExceeded"
            raise refusal(code, "RunInstances")
        pool = (given["InstanceType"], self.zones[given.get("SubnetId", "")], market)
        room = min(given["MaxCount"], self.faults.capacity.get(pool, given["MaxCount"]))
        if room < given["MinCount"]:
            raise refusal("InsufficientInstanceCapacity", "RunInstances")
        if pool in self.faults.capacity:
            self.faults.capacity[pool] -= room
        return room

    def _launch(self, given: dict[str, Any], tags: dict[str, str]) -> FakeInstance:
        now, subnet = self.clock(), given.get("SubnetId", "")
        instance = FakeInstance(
            id=f"i-{next(self._ids):017x}",
            kind=given["InstanceType"],
            subnet=subnet,
            zone=self.zones[subnet],
            market=given.get("InstanceMarketOptions", {}).get("MarketType", "on-demand"),
            token=given["ClientToken"],
            shutdown=given.get("InstanceInitiatedShutdownBehavior", "stop"),
            created=now,
            started=now,
        )
        instance.become(now, "pending", "running", self.boot)
        instance.history = [
            type(phase)(phase.at, phase.state, dict(tags)) for phase in instance.history
        ]
        self.instances[instance.id] = instance
        return instance

    def _describe(self, given: dict[str, Any]) -> dict[str, Any]:
        assert 5 <= given["MaxResults"] <= 1000
        wanted = {f["Name"].removeprefix("tag:"): f["Values"] for f in given["Filters"]}
        seen_at = self.clock() - self.lag
        shown = [
            each.told(seen_at)
            for each in self.instances.values()
            if (phase := each.at(seen_at)) is not None
            and all(phase.tags.get(key) in values for key, values in wanted.items())
        ]
        first = int(given.get("NextToken", 0))
        size = min(self.page, given["MaxResults"])
        page = {"Reservations": [{"Instances": [each]} for each in shown[first : first + size]]}
        return {**page, "NextToken": str(first + size)} if first + size < len(shown) else page

    def _terminate(self, given: dict[str, Any]) -> dict[str, Any]:
        found = self._found(given["InstanceIds"], "TerminateInstances")
        if any(each.id in self.faults.protected for each in found):
            raise refusal("OperationNotPermitted", "TerminateInstances")
        for each in found:
            each.terminate(self.clock())
        return {}

    def _stop(self, given: dict[str, Any]) -> dict[str, Any]:
        now = self.clock()
        found = self._found(given["InstanceIds"], "StopInstances")
        if any(each.market == "spot" for each in found):
            raise refusal("UnsupportedOperation", "StopInstances")
        if any(each.state(now) not in {"running", "stopping", "stopped"} for each in found):
            raise refusal("IncorrectInstanceState", "StopInstances")
        for each in found:
            if each.state(now) == "running":
                each.become(now, "stopping", "stopped", SHUT)
        return {}

    def _start(self, given: dict[str, Any]) -> dict[str, Any]:
        now = self.clock()
        found = self._found(given["InstanceIds"], "StartInstances")
        if any(each.state(now) not in {"pending", "running", "stopped"} for each in found):
            raise refusal("IncorrectInstanceState", "StartInstances")
        asleep = [each for each in found if each.state(now) == "stopped"]
        for each in asleep:
            if self.faults.capacity.get((each.kind, each.zone, each.market), 1) < 1:
                raise refusal("InsufficientInstanceCapacity", "StartInstances")
        for each in asleep:
            each.started = now
            each.become(now, "pending", "running", self.boot)
        return {}

    def _tag(self, given: dict[str, Any]) -> dict[str, Any]:
        for each in self._found(given["Resources"], "CreateTags"):
            each.tag(self.clock(), _tags(given["Tags"]))
        return {}

    def _found(self, ids: list[str], operation: str) -> list[FakeInstance]:
        """All of them; a call right after a launch may not find it yet, though it is there."""
        oldest = self.clock() - self.lag
        if any(each not in self.instances or self.instances[each].created > oldest for each in ids):
            raise refusal("InvalidInstanceID.NotFound", operation)
        return [self.instances[each] for each in ids]


def _tags(given: list[dict[str, str]]) -> dict[str, str]:
    return {tag["Key"]: tag["Value"] for tag in given}
