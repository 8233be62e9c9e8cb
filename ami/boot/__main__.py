"""`python -m ami.boot --out /run/classifycloud`: read what this instance is for, write it down for systemd.

Later wins: parameters for all processes, parameters for one, user data, tags. Exit statuses: 0 done, 1 a
service does not answer, 2 what was given cannot be used.
"""

import argparse
import sys
import time
from collections.abc import Mapping
from pathlib import Path

from ami.boot import files, given, parameters
from ami.boot.errors import Away, Unusable
from ami.boot.given import Given
from ami.boot.imds import ADDRESS, PATIENCE, Imds

DEPLOYMENT = "classifycloud-deployment"  # the tag that the fleet finds its instances by
# boto3's own variable: an instance with a queue of its own goes there for SQS, and to AWS for all else.
# The port is that of classifycloud-queue.service.
QUEUES = {"AWS_ENDPOINT_URL_SQS": "http://127.0.0.1:9324"}


def main() -> int:
    """The exit status; what went wrong is on stderr, which the instance's console shows."""
    options = _parser().parse_args()
    try:
        roles = boot(options.out, options.known, Imds(options.imds, options.patience))
    except (Away, Unusable) as error:
        sys.stderr.write(f"classifycloud: {error}\n")
        return 1 if isinstance(error, Away) else 2
    up = time.clock_gettime(time.CLOCK_BOOTTIME)
    sys.stdout.write(f"classifycloud: {', '.join(roles) or 'no process'} {up:.1f} s after boot\n")
    return 0


def boot(out: Path, known: Path | None, imds: Imds) -> tuple[str, ...]:
    """Ask, and write the files; which processes run here.

    Raises:
        Away, Unusable: nothing was written.
    """
    names = _names(known)
    user_data = given.read(imds.user_data() or "", names)
    if not user_data.roles:
        return ()
    region = imds.get("placement/region") or user_data.variables.get("CLASSIFYCLOUD_REGION", "")
    tagged = _tags(imds, names)
    has_queue = given.QUEUE in user_data.roles
    environments = {
        role: {**_own(role, region, imds.address), **(QUEUES if has_queue else {}), **rest}
        for role, rest in _settings(user_data, region, names).items()
    }
    written = {role: {**found, **tagged} for role, found in environments.items()}
    files.write(out, written, _logs(user_data, region, imds))
    return user_data.roles


def _names(known: Path | None) -> frozenset[str]:
    if known is not None:
        return frozenset(known.read_text(encoding="utf-8").split())
    # It takes as long to import as all else here together.
    from ami.names import settings

    return settings()


def _logs(user_data: Given, region: str, imds: Imds) -> dict[str, str]:
    if user_data.log_group is None:
        return {}
    of_boto3 = {n: v for n, v in user_data.variables.items() if not given.is_setting(n)}
    instance = imds.get("instance-id") or "unknown"
    return {**of_boto3, "LOG_GROUP": user_data.log_group, "REGION": region, "INSTANCE": instance}


def _settings(user_data: Given, region: str, known: frozenset[str]) -> dict[str, dict[str, str]]:
    """By process: parameters for all, for that one, user data."""
    shelves: parameters.Shelves = {}
    if user_data.path is not None:
        shelves = parameters.fetch(user_data.path, region, user_data.variables)
    found: dict[str, dict[str, str]] = {}
    for role in user_data.roles:
        stored = {**shelves.get(parameters.ALL, {}), **shelves.get(role, {})}
        for name, value in stored.items():
            given.check(name, value, known)
        found[role] = {**stored, **user_data.variables}
    return found


def _own(role: str, region: str, imds: str) -> Mapping[str, str]:
    """What the instance itself knows."""
    found = {"CLASSIFYCLOUD_REGION": region, "AWS_DEFAULT_REGION": region} if region else {}
    return {**found, "CLASSIFYCLOUD_IMDS": imds} if role == "worker" else found


def _tags(imds: Imds, known: frozenset[str]) -> dict[str, str]:
    """Tags that are settings. None where the launch did not allow to read them."""
    found: dict[str, str] = {}
    for key in (imds.get("tags/instance") or "").split():
        name = f"{given.PREFIX}DEPLOYMENT" if key == DEPLOYMENT else key
        if given.is_setting(name):
            value = imds.get(f"tags/instance/{key}") or ""
            given.check(name, value, known)
            found[name] = value
    return found


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m ami.boot")
    parser.add_argument("--out", type=Path, required=True, help="folder for what systemd reads")
    parser.add_argument("--known", type=Path, help="file with all settings' names; else looked up")
    parser.add_argument("--imds", default=ADDRESS, help="where the metadata service is")
    parser.add_argument("--patience", type=float, default=PATIENCE, help="seconds to ask it")
    return parser


if __name__ == "__main__":
    sys.exit(main())
