"""Reads members of a request: right type, within bounds, or a refusal that names the member."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from local.sqs.errors import (
    BatchEntryIdsNotDistinctError,
    EmptyBatchRequestError,
    InvalidBatchEntryIdError,
    InvalidParameterValueError,
    MissingParameterError,
    SerializationError,
    TooManyEntriesInBatchRequestError,
)

Members = Mapping[str, Any]

_ENTRY_ID = re.compile(r"[A-Za-z0-9_-]{1,80}")
_MAX_ENTRIES = 10


def text(members: Members, name: str) -> str:
    """A required, non-empty string."""
    value = members.get(name)
    if value is None or value == "":
        raise MissingParameterError(f"The request must contain the parameter {name}.")
    if not isinstance(value, str):
        raise SerializationError(f"{name} must be a string.")
    return value


def integer(members: Members, name: str, least: int, greatest: int) -> int | None:
    """An optional integer within bounds."""
    value = members.get(name)
    if value is None:
        return None
    if not isinstance(value, int) or isinstance(value, bool):
        raise SerializationError(f"{name} must be an integer.")
    if not least <= value <= greatest:
        raise InvalidParameterValueError(
            f"Value {value} for parameter {name} is invalid."
            f" Reason: Must be between {least} and {greatest}, if provided."
        )
    return value


def texts(members: Members, name: str) -> list[str]:
    """An optional list of strings; empty where absent."""
    value = members.get(name) or []
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise SerializationError(f"{name} must be a list of strings.")
    return value


def mapping(members: Members, name: str) -> dict[str, str]:
    """An optional map of strings to strings; empty where absent."""
    value = members.get(name) or {}
    if not isinstance(value, dict) or not all(isinstance(item, str) for item in value.values()):
        raise SerializationError(f"{name} must be a map of strings.")
    return value


def entries(members: Members) -> Sequence[Members]:
    """The entries of a batch: 1 to 10, with well-formed and distinct ids."""
    value = members.get("Entries")
    if not value:
        raise EmptyBatchRequestError("There should be at least one entry in the request.")
    if not isinstance(value, list) or not all(isinstance(entry, dict) for entry in value):
        raise SerializationError("Entries must be a list of objects.")
    if len(value) > _MAX_ENTRIES:
        raise TooManyEntriesInBatchRequestError(
            f"Maximum number of entries per request are {_MAX_ENTRIES}. You have sent {len(value)}."
        )
    ids = [text(entry, "Id") for entry in value]
    for id_ in ids:
        if not _ENTRY_ID.fullmatch(id_):
            raise InvalidBatchEntryIdError(
                "A batch entry id can only contain alphanumeric characters, hyphens and"
                " underscores. It can be at most 80 letters long."
            )
    if len(set(ids)) < len(ids):
        raise BatchEntryIdsNotDistinctError("Two or more batch entries have the same Id.")
    return value
