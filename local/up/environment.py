"""The environment that every part gets: the caller's own, without its AWS, with the local AWS instead."""

import os
from collections.abc import Mapping

from local.up.ports import LOOPBACK
from wire.settings import PREFIX

MARK = f"{PREFIX}UP"  # carried by every process of one `up`, down to the workers; its value is DIR
NO_PROXY = f"{LOOPBACK},localhost"


def child_environment(
    caller: Mapping[str, str],
    defaults: Mapping[str, str],
    forced: Mapping[str, str],
    allowed: tuple[str, ...],
) -> dict[str, str]:
    """Put the variables of one part together.

    Args:
        caller: the environment in which `up` was called.
        defaults: settings by their names without prefix; the caller's own win.
        forced: settings by their names without prefix; they win over the caller's own.
        allowed: host:port pairs that may be fetched, besides those that the caller allows.
    """
    kept = {name: value for name, value in caller.items() if not name.startswith("AWS_")}
    wanted = {f"{PREFIX}{name.upper()}": value for name, value in defaults.items()}
    given = {f"{PREFIX}{name.upper()}": value for name, value in forced.items()}
    fetch_allow = f"{PREFIX}FETCH_ALLOW"
    pairs = [*filter(None, caller.get(fetch_allow, "").split(",")), *allowed]
    # A proxy of the caller's must not stand between two local parts.
    loopback = {name: _joined(caller.get(name), NO_PROXY) for name in ("NO_PROXY", "no_proxy")}
    return {**wanted, **kept, **given, fetch_allow: ",".join(pairs), **loopback}


def local_aws(sqs: str, storage: str, region: str) -> dict[str, str]:
    """boto3's own variables, so that no call can reach a real account. `sqs`, `storage`: URLs."""
    return {
        "AWS_ENDPOINT_URL_SQS": sqs,
        "AWS_ENDPOINT_URL_S3": storage,
        "AWS_ENDPOINT_URL_CLOUDWATCH": storage,
        "AWS_ACCESS_KEY_ID": "local",
        "AWS_SECRET_ACCESS_KEY": "local",
        "AWS_REGION": region,
        "AWS_DEFAULT_REGION": region,
        "AWS_EC2_METADATA_DISABLED": "true",
        # A profile of the caller's could switch the endpoints off or name other credentials.
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    }


def _joined(old: str | None, new: str) -> str:
    return f"{old},{new}" if old else new
