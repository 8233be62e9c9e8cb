"""Queue attributes: which exist, what they may be, what a queue without them does.

Bounds and defaults: SQS API reference, CreateQueue and SetQueueAttributes.
"""

import json
from collections.abc import Mapping
from typing import NamedTuple

from local.sqs.errors import (
    InvalidAttributeNameError,
    InvalidAttributeValueError,
    UnsupportedOperationError,
)

MAX_BYTES = 1_048_576


class Bounds(NamedTuple):
    """Least, greatest and default value of an integer attribute, in the attribute's own unit."""

    least: int
    greatest: int
    default: int


BOUNDS: Mapping[str, Bounds] = {
    "DelaySeconds": Bounds(0, 900, 0),
    "MaximumMessageSize": Bounds(1024, MAX_BYTES, MAX_BYTES),
    "MessageRetentionPeriod": Bounds(60, 1_209_600, 345_600),
    "ReceiveMessageWaitTimeSeconds": Bounds(0, 20, 0),
    "VisibilityTimeout": Bounds(0, 43_200, 30),
}
COUNTED = (
    "ApproximateNumberOfMessages",
    "ApproximateNumberOfMessagesNotVisible",
    "ApproximateNumberOfMessagesDelayed",
)
COMPUTED = (*COUNTED, "CreatedTimestamp", "LastModifiedTimestamp", "QueueArn")
_JSON = ("Policy", "RedrivePolicy", "RedriveAllowPolicy")
_KEPT_AS_TEXT = (
    "KmsMasterKeyId",
    "KmsDataKeyReusePeriodSeconds",
    "SqsManagedSseEnabled",
)
_FIFO = ("FifoQueue", "ContentBasedDeduplication", "DeduplicationScope", "FifoThroughputLimit")
SETTABLE = (*BOUNDS, *_JSON, *_KEPT_AS_TEXT)
READABLE = (*SETTABLE, *COMPUTED)


class Redrive(NamedTuple):
    """After `max_receives` receives a message goes to the queue named `target`."""

    max_receives: int
    target: str


def validate(attributes: Mapping[str, str]) -> dict[str, str]:
    """The attributes as they will be kept; an empty value of a policy removes it later.

    Raises InvalidAttributeNameError, InvalidAttributeValueError, UnsupportedOperationError (FIFO).
    """
    for name, value in attributes.items():
        if name in _FIFO:
            raise UnsupportedOperationError(
                f"{name}: FIFO queues are not served here; create a standard queue."
            )
        if name not in SETTABLE:
            raise InvalidAttributeNameError(f"Unknown Attribute {name}.")
        if name in BOUNDS:
            _check_bounds(name, value)
        elif name in _JSON and value:
            _check_json(name, value)
    return dict(attributes)


def redrive_of(attributes: Mapping[str, str]) -> Redrive | None:
    """The redrive policy among kept attributes; None where there is none."""
    text = attributes.get("RedrivePolicy")
    if not text:
        return None
    policy = json.loads(text)
    target = str(policy["deadLetterTargetArn"]).rpartition(":")[2]
    return Redrive(int(policy["maxReceiveCount"]), target)


def integer(attributes: Mapping[str, str], name: str) -> int:
    """An integer attribute's value, or its default."""
    return int(attributes.get(name, BOUNDS[name].default))


def _check_bounds(name: str, value: str) -> None:
    least, greatest, _ = BOUNDS[name]
    if not value.isascii() or not value.isdigit() or not least <= int(value) <= greatest:
        raise InvalidAttributeValueError(
            f"Invalid value for the parameter {name}: an integer from {least} to {greatest}"
            f" is needed, got {value!r}."
        )


def _check_json(name: str, value: str) -> None:
    try:
        policy = json.loads(value)
        if name == "RedrivePolicy":
            _check_redrive(policy)
    except (ValueError, KeyError, TypeError, AttributeError) as problem:
        raise InvalidAttributeValueError(
            f"Invalid value for the parameter {name}: {value!r} ({problem})."
        ) from None


def _check_redrive(policy: Mapping[str, object]) -> None:
    arn = policy["deadLetterTargetArn"]
    receives = int(str(policy["maxReceiveCount"]))
    if not isinstance(arn, str) or not arn.startswith("arn:") or arn.count(":") != 5:
        raise ValueError("deadLetterTargetArn is no queue ARN")
    if not 1 <= receives <= 1000:
        raise ValueError("maxReceiveCount must be from 1 to 1000")
