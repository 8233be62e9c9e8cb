"""Whether the account may have as many machines as the deployment may want."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from deploy.account import Account

# Service Quotas, service `ec2`: vCPUs of running standard (A, C, D, H, I, M, R, T, Z) instances.
ON_DEMAND, SPOT = "L-1216C47A", "L-34B43A08"
NAMES = {ON_DEMAND: "on-demand vCPUs", SPOT: "spot vCPUs"}


@dataclass(frozen=True, slots=True)
class Quota:
    """What is allowed beside what the deployment wants at most; `allowed` is None where nobody says."""

    code: str
    name: str
    wanted: float
    allowed: float | None

    @property
    def enough(self) -> bool:
        return self.allowed is None or self.allowed >= self.wanted


def wanted(
    cores: Mapping[str, int], workers: int, worker_type: str, market: str, others: Sequence[str]
) -> dict[str, float]:
    """vCPUs by quota. Pure.

    Args:
        cores: vCPUs by instance type.
        workers: the most there may be.
        worker_type: the dearest case, the first type, for all of them.
        market: of the workers. Spot falls back on on-demand, so both must do.
        others: types of the instances beside them, one for each.
    """
    fleet = float(workers * cores.get(worker_type, 0))
    beside = float(sum(cores.get(kind, 0) for kind in others))
    spot = {SPOT: fleet} if market == "spot" else {}
    return {ON_DEMAND: beside + fleet, **spot}


def look(account: Account, needs: Mapping[str, float]) -> list[Quota]:
    """Compare with what the account has."""
    client = account.client("service-quotas")
    return [
        Quota(code, NAMES.get(code, code), need, _allowed(client, code))
        for code, need in needs.items()
    ]


def cores(account: Account, kinds: Sequence[str]) -> dict[str, int]:
    """vCPUs by instance type; what the region does not have is left out."""
    client, found = account.client("ec2"), {}
    for kind in dict.fromkeys(kinds):
        try:
            rows = client.describe_instance_types(InstanceTypes=[kind])["InstanceTypes"]
        except ClientError:
            continue
        found.update({row["InstanceType"]: int(row["VCpuInfo"]["DefaultVCpus"]) for row in rows})
    return found


def _allowed(client: Any, code: str) -> float | None:
    try:
        said = client.get_service_quota(ServiceCode="ec2", QuotaCode=code)
    except (ClientError, BotoCoreError):
        return None
    return float(said["Quota"]["Value"])
