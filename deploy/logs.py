"""What the processes of a deployment said, out of its log group; the newest go on to be told of."""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

from deploy.account import Account
from deploy.errors import DeployError, NotThere, code, told
from deploy.formation import Formation

EVERY = 2.0  # seconds between looks
LATE = 30.0  # seconds that a line may take to be found


@dataclass(frozen=True, slots=True)
class Line:
    """One line; `at` in seconds since the epoch, `stream` is `process/instance`."""

    at: float
    stream: str
    text: str


class Logs:
    """The log group of one deployment."""

    def __init__(self, account: Account, deployment: str) -> None:
        stack = Formation(account, deployment).stack()
        if stack is None:
            raise NotThere(deployment, account.region)
        self.group = stack.outputs.get("LogGroup", f"/classifycloud/{deployment}")
        self._client = account.client("logs")

    def since(self, begin: float, only: str = "", pattern: str = "") -> Iterator[Line]:
        """The lines from then on, in order.

        Args:
            begin: seconds since the epoch.
            only: streams that begin with this: `worker`, or `worker/i-0123`.
            pattern: CloudWatch's filter pattern.

        Raises:
            DeployError: they cannot be read.
        """
        asked: dict[str, Any] = {"logGroupName": self.group, "startTime": int(begin * 1000)}
        asked |= {"filterPattern": pattern} if pattern else {}
        asked |= {"logStreamNamePrefix": only} if only else {}
        rows: list[Line] = []
        try:
            with told(f"The log group {self.group} cannot be read"):
                for page in self._client.get_paginator("filter_log_events").paginate(**asked):
                    rows += [
                        Line(row["timestamp"] / 1000, row["logStreamName"], row["message"].rstrip())
                        for row in page["events"]
                        if row["logStreamName"].startswith(only)  # emulators pass over the prefix
                    ]
        except DeployError as error:
            cause = error.__cause__
            if isinstance(cause, ClientError) and code(cause) == "ResourceNotFoundException":
                raise DeployError(
                    f"There is no log group {self.group}: no instance has said anything yet."
                ) from error
            raise
        yield from sorted(rows, key=lambda line: line.at)

    def follow(self, begin: float, only: str = "", pattern: str = "") -> Iterator[Line]:
        """The same, and what comes, for ever. Lines that are found late are not passed over."""
        seen: dict[Line, float] = {}
        while True:
            fresh = [line for line in self.since(begin, only, pattern) if line not in seen]
            yield from fresh
            seen |= {line: line.at for line in fresh}
            begin = max([begin, *(line.at - LATE for line in fresh)])
            seen = {line: at for line, at in seen.items() if at >= begin}
            time.sleep(EVERY)
