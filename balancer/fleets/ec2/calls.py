"""The calls to EC2 that a fleet makes, and nothing else. Every one raises Ec2Fault."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from balancer.fleets.ec2.faults import Ec2Fault, Fault, fault_of
from balancer.fleets.ec2.instances import (
    DEPLOYMENT,
    ROLE,
    SPOT,
    STANDBY,
    WORKER,
    YES,
    Instance,
    parsed,
    tags,
)
from balancer.fleets.ec2.pools import Pool
from wire.names import ACTIVE_TAG

# Seconds after which a tick begins no further call of a kind: what is left is for the next one.
LONGEST = 4.0
PAGE = 1000  # the most that DescribeInstances gives at once


class Threads(Protocol):
    """Where blocking calls run; `wire.aws.Aws` is one."""

    async def call(self, method: Callable[..., Any], **given: Any) -> Any: ...


@dataclass(frozen=True, slots=True)
class Launch:
    """A RunInstances call. The same token goes with the same parameters, always."""

    token: str
    pool: Pool
    role: str
    count: int


class Ec2Calls:
    """One deployment's calls.

    Args:
        threads: where they run.
        client: boto3's EC2 client, or what behaves like it.
        template: id or name of the launch template; its default version, or the one after a colon.
        deployment: whose instances these are.
    """

    def __init__(self, threads: Threads, client: Any, template: str, deployment: str) -> None:
        self._threads = threads
        self._client = client
        self._template = named(template)
        self._deployment = deployment

    async def describe(self) -> list[Instance]:
        """Every worker of the deployment, ended ones too as long as EC2 shows them; all pages."""
        found: list[Instance] = []
        more: dict[str, str] = {}
        # The deployment's other instances, the front end's and its own, have the first tag as well.
        wanted = {DEPLOYMENT: [self._deployment], ROLE: [WORKER, STANDBY]}
        mine = [{"Name": f"tag:{key}", "Values": values} for key, values in wanted.items()]
        while True:
            page = await self._call(
                self._client.describe_instances, Filters=mine, MaxResults=PAGE, **more
            )
            for reservation in page["Reservations"]:
                found += [parsed(raw) for raw in reservation["Instances"]]
            if not page.get("NextToken"):
                return found
            more = {"NextToken": page["NextToken"]}

    async def run(self, launch: Launch) -> list[Instance]:
        """Launch 1 to `count`; which ones came, or came when this was called before."""
        answer = await self._call(self._client.run_instances, **self._request(launch))
        return [parsed(raw) for raw in answer["Instances"]]

    async def activate(self, ids: Sequence[str]) -> None:
        """Open the gate of standby instances."""
        tag = {"Key": ACTIVE_TAG, "Value": YES}
        await self._call(self._client.create_tags, Resources=list(ids), Tags=[tag])

    async def start(self, ids: Sequence[str]) -> None:
        await self._call(self._client.start_instances, InstanceIds=list(ids))

    async def stop(self, ids: Sequence[str]) -> None:
        await self._call(self._client.stop_instances, InstanceIds=list(ids))

    async def terminate(self, ids: Sequence[str]) -> None:
        await self._call(self._client.terminate_instances, InstanceIds=list(ids))

    def _request(self, launch: Launch) -> dict[str, Any]:
        # A standby powers off into the pool; a worker that powers off is done for good.
        after = "stop" if launch.role == STANDBY else "terminate"
        request: dict[str, Any] = {
            "LaunchTemplate": self._template,
            "InstanceType": launch.pool.kind,
            "MinCount": 1,
            "MaxCount": launch.count,
            "ClientToken": launch.token,
            "InstanceInitiatedShutdownBehavior": after,
            # The gate reads its tag there; version 2 of the service only, and not over a hop.
            "MetadataOptions": {
                "HttpEndpoint": "enabled",
                "HttpTokens": "required",
                "HttpPutResponseHopLimit": 1,
                "InstanceMetadataTags": "enabled",
            },
            "TagSpecifications": [
                {
                    "ResourceType": "instance",
                    "Tags": tags(self._deployment, launch.token, launch.role),
                }
            ],
        }
        if launch.pool.subnet is not None:
            request["SubnetId"] = launch.pool.subnet
        if launch.pool.market == SPOT:
            request["InstanceMarketOptions"] = {
                "MarketType": "spot",
                "SpotOptions": {
                    "SpotInstanceType": "one-time",
                    "InstanceInterruptionBehavior": "terminate",
                },
            }
        return request

    async def _call(self, method: Callable[..., Any], **given: Any) -> Any:
        try:
            return await self._threads.call(method, **given)
        except Exception as error:
            # Whatever broke, an answer that cannot be read included: the call may have been carried out.
            raise fault_of(error) from error


def named(template: str) -> dict[str, str]:
    """The launch template as EC2 wants it named, by what the setting says."""
    name, _, version = template.partition(":")
    by = "LaunchTemplateId" if name.startswith("lt-") else "LaunchTemplateName"
    return {by: name, **({"Version": version} if version else {})}


async def each(
    call: Callable[[Sequence[str]], Any], ids: Sequence[str], may: Callable[[], bool]
) -> dict[str, Ec2Fault]:
    """Make one call for all, and where EC2 refuses that for the sake of one, for each half of them.

    Args:
        call: what is done for several.
        ids: for whom.
        may: asked before every further call than the first: a hundred that are all refused would be two
            hundred calls.

    Returns:
        what failed, by id, with Fault.LATER for those it was not tried for; the others are done.
    """
    failed: dict[str, Ec2Fault] = {}
    parts = [ids] if ids else []
    first = True
    # The first half before the second: where the calls are used up, some at least are done for good.
    while parts:
        part = parts.pop()
        if not first and not may():
            failed |= dict.fromkeys(part, Ec2Fault(Fault.LATER, "NotTried"))
            continue
        first = False
        try:
            await call(part)
        except Ec2Fault as fault:
            if len(part) == 1 or not fault.concerns_one:
                failed |= dict.fromkeys(part, fault)
            else:
                middle = len(part) // 2
                parts += [part[middle:], part[:middle]]
    return failed
