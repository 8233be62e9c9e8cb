"""A stack's parameters in the words of `deploy.cost`, and what it may need of quotas. Pure."""

from collections.abc import Mapping
from dataclasses import replace

from deploy.cost.hourly import Hourly, hourly
from deploy.cost.shapes import HOST_QUEUES, SHAPES, Shape, single_host
from deploy.errors import DeployError
from wire.prices import PriceList

HOST, OWN, SQS = "single-host", "own", "sqs"
EMPTY = (
    "wait until `deploy status` shows none and no bulk job or webhook is unfinished; "
    "dead letters are lost too"
)
OUTAGE = (
    "For some minutes nobody is answered: the new host boots, then requests wait, and those of over "
    "120 s get 504 with their job's id; the job goes on"
)


def shape_of(values: Mapping[str, str]) -> Shape:
    """The shape that these parameters make."""
    profile = values.get("Profile", "service")
    if profile not in SHAPES:
        raise DeployError(f"There is no profile {profile!r}.\nThere are: {', '.join(SHAPES)}.")
    shape, worker = SHAPES[profile], worker_type(values)
    if profile == HOST:
        shape = single_host(host_queue(values))
    return replace(
        shape,
        worker_type=worker,
        market=values.get("Market", shape.market),
        min_workers=int(values.get("MinWorkers", shape.min_workers)),
        api_type=values.get("ApiType", shape.api_type),
        api_min=int(values.get("ApiMin", shape.api_min)),
        balancer_type=values.get("BalancerType", shape.balancer_type),
        host_type=values.get("HostType", shape.host_type),
        log_days=float(values.get("LogDays", shape.log_days)),
    )


def host_queue(values: Mapping[str, str]) -> str:
    """Where jobs wait in the single host: `own` or `sqs`."""
    # A stack from before there was a choice has SQS; `filled` gives all others a value.
    found = values.get("HostQueue", SQS)
    if found not in HOST_QUEUES:
        raise DeployError(f"HostQueue is {found!r}.\nThere are: {', '.join(HOST_QUEUES)}.")
    return found


def keeps_its_jobs(values: Mapping[str, str]) -> bool:
    """Whether jobs wait on an instance of this stack's, and go with it."""
    return values.get("Profile") == HOST and host_queue(values) == OWN


def risked(before: Mapping[str, str], now: Mapping[str, str]) -> str | None:
    """What of the jobs that wait a change of a stack takes along, and for how long nobody answers; None for
    nothing."""
    if keeps_its_jobs(before):
        return (
            "another image, type or setting replaces the host, and what waits in its queue goes "
            f"with it: {EMPTY}. {OUTAGE}"
        )
    if keeps_its_jobs(now):
        return f"the queues in SQS go, and what waits in them: {EMPTY}. {OUTAGE}"
    return None


def worker_type(values: Mapping[str, str]) -> str:
    """The type that workers are launched as first."""
    return values.get("WorkerTypes", "c7a.large").split(",")[0].strip()


def most_workers(values: Mapping[str, str]) -> int:
    return 1 if values.get("Profile") == HOST else int(values.get("MaxWorkers", "10"))


def others(values: Mapping[str, str]) -> list[str]:
    """Types of the instances beside the workers, at most."""
    if values.get("Profile") == HOST:
        return [values.get("HostType", SHAPES[HOST].host_type)]
    fronts = [values.get("ApiType", "t3a.small")] * int(values.get("ApiMax", "4"))
    return [*fronts, values.get("BalancerType", "t3a.micro")]


def cost(values: Mapping[str, str], prices: PriceList) -> Hourly:
    """What an hour costs at least and at most.

    Raises:
        DeployError: nobody has a price for an instance type.
    """
    shape = shape_of(values)
    try:
        return hourly(shape, prices, shape.min_workers, most_workers(values))
    except ValueError as error:
        raise DeployError(str(error)) from error
