"""What went wrong with a call to EC2, and what that means for whoever made it.

Codes: docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html. Capacity errors are server
errors there, so that their status alone looks like an outage.
"""

from enum import Enum

from botocore.exceptions import (
    ClientError,
    NoCredentialsError,
    ParamValidationError,
    PartialCredentialsError,
)

from wire.aws import error_code
from wire.errors import QueueUnavailable


class Fault(Enum):
    """Kinds of failure. Only after UNKNOWN may the call have been carried out."""

    DRY = "nothing to be had of this type in this zone and market"
    QUOTA = "more than the account's quota in this market"
    THROTTLED = "too many calls"
    MISSING = "no such instance, or not yet"
    STATE = "not in a state that allows it"
    UNKNOWN = "no answer, or a server error"
    REFUSED = "will never work as asked"
    LATER = "not tried: so many calls are enough for a tick"


class Ec2Fault(Exception):
    """A call that failed; `kind` says how, `code` is EC2's own word for it."""

    def __init__(self, kind: Fault, code: str, message: str = "") -> None:
        super().__init__(f"{code}: {message}" if message else code)
        self.kind = kind
        self.code = code

    @property
    def concerns_one(self) -> bool:
        """Whether one instance may have spoiled a call for many: the others can go alone."""
        # OperationNotPermitted: one of them is protected from termination.
        return self.kind in {Fault.MISSING, Fault.STATE} or self.code == "OperationNotPermitted"


_KINDS = {
    Fault.DRY: {
        "InsufficientInstanceCapacity",
        "InsufficientCapacity",
        "InsufficientHostCapacity",
        "InsufficientFreeAddressesInSubnet",
        "SpotMaxPriceTooLow",
        "UnfulfillableCapacity",
        "Unsupported",
        "UnsupportedOperation",
    },
    Fault.QUOTA: {
        "InstanceLimitExceeded",
        "MaxSpotInstanceCountExceeded",
        "SpotInstanceCountExceeded",
        "VcpuLimitExceeded",
    },
    Fault.THROTTLED: {
        "RequestLimitExceeded",
        "RequestThrottled",
        "Throttling",
        "ThrottlingException",
        "BandwidthLimitExceeded",
    },
    Fault.STATE: {"IncorrectInstanceState", "IncorrectSpotRequestState", "IncorrectState"},
}
_NEVER_SENT = (NoCredentialsError, ParamValidationError, PartialCredentialsError)
_KIND_OF = {code: kind for kind, codes in _KINDS.items() for code in codes}


def fault_of(error: BaseException) -> Ec2Fault:
    """Read what `wire.aws.Aws.call` raised: a refusal itself, or an outage with its cause."""
    found = error.__cause__ if isinstance(error, QueueUnavailable) and error.__cause__ else error
    if isinstance(found, _NEVER_SENT):
        return Ec2Fault(Fault.REFUSED, type(found).__name__, str(found))
    if not isinstance(found, ClientError):
        return Ec2Fault(Fault.UNKNOWN, type(found).__name__, str(found))
    # `error_code` drops what stands before a dot, which these codes need.
    code = str(found.response.get("Error", {}).get("Code", ""))
    message = str(found.response.get("Error", {}).get("Message", ""))
    return Ec2Fault(_kind(found, code), code, message)


def _kind(error: ClientError, code: str) -> Fault:
    if code.startswith("InvalidInstanceID."):
        return Fault.MISSING
    known = _KIND_OF.get(error_code(error))
    if known is not None:
        return known
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    return Fault.UNKNOWN if status >= 500 else Fault.REFUSED
