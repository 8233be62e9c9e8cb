"""What a request prefers: to be answered at once, or to wait so long at most (RFC 7240, 4.1 and 4.3)."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

HEADER, APPLIED = "Prefer", "Preference-Applied"
_WAIT = re.compile(r"[0-9]{1,9}")


@dataclass(frozen=True, slots=True)
class Preference:
    """How a request wants its answer.

    `wait` is in seconds; after that, or at once where there is none, 202 and the job's address are the
    answer. `applied` is what the answer says of it.
    """

    wait: float
    applied: str


def preferred(headers: Iterable[str]) -> Preference | None:
    """What headers of that name ask for; None where it is nothing of this. What is not understood is passed
    over, and of two of the same name the first counts (RFC 7240, 2)."""
    said: dict[str, str] = {}
    for each in ",".join(headers).split(","):
        name, _, value = each.partition(";")[0].partition("=")
        said.setdefault(name.strip().lower(), value.strip().strip('"'))
    wait = said.get("wait", "")
    if _WAIT.fullmatch(wait):
        applied = f"respond-async, wait={wait}" if "respond-async" in said else f"wait={wait}"
        return Preference(float(wait), applied)
    return Preference(0.0, "respond-async") if "respond-async" in said else None
