"""How `classifycloud scale` shows what holds."""

from typing import Any

from wire.ruling import Ruling
from wire.standing import Standing, bounds


def as_document(standing: Standing) -> dict[str, Any]:
    """For --json: the operator's own limits, what held in the last tick, and who leads."""
    lease, holds = standing.lease, standing.holds
    return {
        "operator": _ruling(standing).model_dump(exclude={"version"}),
        "holds": None if holds is None else holds.model_dump(exclude={"version"}),
        "age": standing.age if holds is not None else None,
        "leader": lease.holder if lease is not None and standing.led else None,
        "epoch": 0 if lease is None else lease.epoch,
    }


def report(standing: Standing, where: str, changed: bool) -> str:
    """The same for people."""
    lines = [f"{where[0].upper()}{where[1:]}", f"  operator  {_said(_ruling(standing))}"]
    holds = standing.holds
    lines += _given_way(standing)
    if holds is None:
        lines.append("  balancer  has not kept a tick yet")
    else:
        state = "paused" if holds.paused else f"policy {holds.policy}"
        lines += [
            f"  limits    {holds.min_workers} to {holds.max_workers} workers (greatest by {holds.bound}; "
            f"its settings say {holds.set_min} to {holds.set_max}), {state}",
            f"  workers   {holds.workers} running or launching{_cost(holds.hourly)}, "
            f"{standing.age:.0f} s ago",
        ]
    lines.append(f"  leader    {_leader(standing)}")
    if changed:
        within = "" if holds is None else f", {2 * holds.every:g} s at most"
        lines.append(f"Changed. The balancer obeys within two ticks{within}.")
    return "\n".join(lines)


def _ruling(standing: Standing) -> Ruling:
    try:
        return Ruling.read(None if standing.kept is None else standing.kept.data)
    except ValueError:
        return Ruling()


def _said(ruling: Ruling) -> str:
    parts = [
        *([] if ruling.min_workers is None else [f"at least {ruling.min_workers}"]),
        *([] if ruling.max_workers is None else [f"at most {ruling.max_workers}"]),
        *(["paused"] if ruling.paused else []),
    ]
    return ", ".join(parts) or "nothing: the balancer's own settings hold"


def _given_way(standing: Standing) -> list[str]:
    ruling = _ruling(standing)
    asked = bounds(ruling, standing.holds)
    if asked is None:
        if ruling.min_workers is None:
            return []
        return [
            "            no balancer has told its greatest number yet: if it is lower, it holds"
        ]
    least, most = asked
    if least <= most:
        return []
    return [f"            a least number of {least} is above the greatest, {most}, which holds"]


def _cost(hourly: float) -> str:
    return f", {hourly:.2f} $ an hour" if hourly else ""


def _leader(standing: Standing) -> str:
    lease = standing.lease
    if lease is None:
        return "none has led yet"
    if not standing.led:
        return f"none now; the last one's epoch was {lease.epoch}"
    return f"{lease.holder}, epoch {lease.epoch}"
