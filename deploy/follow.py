"""What happens to a stack and to those nested in it, event by event."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from botocore.exceptions import ClientError

from deploy.account import Account
from deploy.formation import Formation, Stack
from deploy.stages import failed, moves

EVERY = 3.0  # seconds between looks
NESTED = "AWS::CloudFormation::Stack"
# Of those that were only swept along with what failed.
SWEPT = ("Resource creation cancelled", "Resource deletion cancelled", "Resource update cancelled")

Hear = Callable[["Event"], None]


@dataclass(frozen=True, slots=True)
class Event:
    """One resource came into one status."""

    at: datetime
    stack: str
    resource: str
    kind: str
    status: str
    reason: str = ""

    @property
    def is_cause(self) -> bool:
        """Whether it says why something failed, and not only that something else did."""
        swept = self.reason.startswith(SWEPT) or self.kind == NESTED
        return failed(self.status) and bool(self.reason) and not swept


class Follower:
    """Hears of each event once; those that there were before it began it never tells."""

    def __init__(self, account: Account, formation: Formation, stack: Stack | None) -> None:
        self._client = account.client("cloudformation")
        self._formation = formation
        self._ids = [] if stack is None else [stack.id]
        self._told: set[str] = set()
        self.causes: list[Event] = []
        self.fresh()
        self.causes.clear()

    def until_still(self, ident: str, hear: Hear, every: float = EVERY) -> str:
        """Tell of events until CloudFormation rests; the status then, DELETE_COMPLETE when it is gone."""
        if ident not in self._ids:
            self._ids.append(ident)
        while True:
            stack = self._formation.stack(ident)
            for event in self.fresh():
                hear(event)
            if stack is None or not moves(stack.status):
                return "DELETE_COMPLETE" if stack is None else stack.status
            time.sleep(every)

    def fresh(self) -> list[Event]:
        """The events since the last call, in order."""
        found: list[Event] = []
        # Grows while it is walked: nested stacks come to light in the events of those around them.
        for ident in self._ids:
            found += self._of(ident)
        self.causes += [event for event in found if event.is_cause]
        return sorted(found, key=lambda event: event.at)

    def _of(self, ident: str) -> list[Event]:
        fresh: list[Event] = []
        try:
            for page in self._client.get_paginator("describe_stack_events").paginate(
                StackName=ident
            ):
                rows = [row for row in page["StackEvents"] if row["EventId"] not in self._told]
                fresh += [self._parsed(row) for row in rows]
                if len(rows) < len(page["StackEvents"]):
                    break  # the newest come first: all that follows was told
        except ClientError:
            pass  # a nested stack that is gone for good
        return fresh

    def _parsed(self, row: dict[str, Any]) -> Event:
        self._told.add(row["EventId"])
        inner = row.get("PhysicalResourceId", "")
        if row["ResourceType"] == NESTED and inner and inner not in (*self._ids, row["StackId"]):
            self._ids.append(inner)
        return Event(
            row["Timestamp"],
            row["StackName"],
            row["LogicalResourceId"],
            row["ResourceType"],
            row["ResourceStatus"],
            row.get("ResourceStatusReason", ""),
        )
