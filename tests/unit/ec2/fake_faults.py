"""Errors as boto3 raises them, and the faults a test can order."""

from collections import Counter
from dataclasses import dataclass, field

from botocore.exceptions import ClientError, ReadTimeoutError

# Server errors by docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html; others are 400.
STATUS = {
    "InsufficientInstanceCapacity": 500,
    "InternalError": 500,
    "RequestLimitExceeded": 503,
    "Unavailable": 503,
}


def refusal(code: str, operation: str, message: str = "") -> ClientError:
    answer = {
        "Error": {"Code": code, "Message": message or code},
        "ResponseMetadata": {"HTTPStatusCode": STATUS.get(code, 400)},
    }
    return ClientError(answer, operation)


def lost(operation: str) -> ReadTimeoutError:
    return ReadTimeoutError(endpoint_url=f"https://ec2.us-east-1.amazonaws.com/{operation}")


@dataclass
class Faults:
    """What goes wrong. Operations go by boto3's method names.

    `lose_after` answers of an operation are lost though it was carried out, `lose_before` was not either.
    `throttled` operations are refused. `refuse` answers an operation with a code. `capacity` is what is left
    in (type, zone, market), everything where it is not named; `quota` is the greatest number of instances
    alive in a market.
    """

    lose_after: Counter[str] = field(default_factory=Counter)
    lose_before: Counter[str] = field(default_factory=Counter)
    throttled: set[str] = field(default_factory=set)
    refuse: dict[str, str] = field(default_factory=dict)
    capacity: dict[tuple[str, str, str], int] = field(default_factory=dict)
    quota: dict[str, int] = field(default_factory=dict)
    protected: set[str] = field(default_factory=set)
