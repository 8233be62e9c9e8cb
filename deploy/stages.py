"""What is to be done next with a stack, from nothing but its status. Pure.

Statuses: docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/view-stack-events.html.
"""

from enum import StrEnum

GONE = "DELETE_COMPLETE"
GOOD = frozenset(
    {
        "CREATE_COMPLETE",
        "UPDATE_COMPLETE",
        "UPDATE_ROLLBACK_COMPLETE",
        "IMPORT_COMPLETE",
        "IMPORT_ROLLBACK_COMPLETE",
    }
)
# The first create failed, or a removal did: nothing can be updated, only removed.
DEAD = frozenset(
    {
        "ROLLBACK_COMPLETE",
        "ROLLBACK_FAILED",
        "CREATE_FAILED",
        "DELETE_FAILED",
        "REVIEW_IN_PROGRESS",
        "IMPORT_ROLLBACK_FAILED",
    }
)


class Step(StrEnum):
    """The next thing to do on the way to a stack that stands."""

    CREATE = "create"
    UPDATE = "update"
    WAIT = "wait"
    REMOVE = "remove"  # what a failed create left
    UNSTICK = "unstick"  # an update that could not even be taken back


def next_step(status: str | None) -> Step:
    """Of a stack with this status; None when there is none."""
    if status is None or status == GONE:
        return Step.CREATE
    if status in DEAD:
        return Step.REMOVE
    if status == "UPDATE_ROLLBACK_FAILED":
        return Step.UNSTICK
    return Step.WAIT if moves(status) else Step.UPDATE


def counts(status: str) -> bool:
    """Whether what the stack was given holds for the next step. It does not where all of it goes first."""
    return status not in DEAD and not status.startswith("DELETE_")


def moves(status: str) -> bool:
    """Whether CloudFormation is at work on it. A stack in review waits for a person instead."""
    return status.endswith("_IN_PROGRESS") and status != "REVIEW_IN_PROGRESS"


def failed(status: str) -> bool:
    """Whether an event of this status tells of something that went wrong."""
    return status.endswith("_FAILED")
