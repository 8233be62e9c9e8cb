"""From a send request to a message that may be stored: size, characters, attributes, digests."""

import base64
import binascii
import json
import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from local.sqs import parameters
from local.sqs.digests import attributes_md5, body_md5
from local.sqs.errors import (
    InvalidMessageContentsError,
    InvalidParameterValueError,
    SerializationError,
)
from local.sqs.ids import unique
from local.sqs.messages import Draft
from local.sqs.parameters import Members
from local.sqs.queues import Queue

_FORBIDDEN = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_ATTRIBUTE_NAME = re.compile(r"(?!\.)(?!.*\.\.)(?!(?i:aws\.|amazon\.))[A-Za-z0-9_.-]{1,256}(?<!\.)")
_MAX_ATTRIBUTES = 10
_GROUP = re.compile(r"[!-~]{1,128}")


class Outgoing(NamedTuple):
    """A checked message: what to store, what to answer, what it weighs in bytes."""

    draft: Draft
    answer: dict[str, str]
    size: int


def outgoing(queue: Queue, members: Members) -> Outgoing:
    """Check one message of a send; raises the refusal SQS would give."""
    body = parameters.text(members, "MessageBody")
    # Nearly every body is the former, which is looked at ten times as fast.
    if not (body.isascii() and body.isprintable()) and _FORBIDDEN.search(body):
        raise InvalidMessageContentsError(
            "Invalid characters found. Valid unicode characters are #x9 | #xA | #xD | #x20 to"
            " #xD7FF | #xE000 to #xFFFD | #x10000 to #x10FFFF"
        )
    attributes = _attributes(members, "MessageAttributes")
    system = _attributes(members, "MessageSystemAttributes")
    group = _group(members)
    data = body.encode()
    size = len(data) + (_weight(attributes) if attributes else 0)
    if size > queue.max_bytes:
        raise InvalidParameterValueError(
            "One or more parameters are invalid. Reason: Message must be shorter than"
            f" {queue.max_bytes} bytes."
        )
    delay_s = parameters.integer(members, "DelaySeconds", 0, 900)
    draft = Draft(
        message_id=unique(),
        md5=body_md5(data),
        body=body,
        attributes=json.dumps(attributes) if attributes else None,
        system=_system(system) if system else None,
        delay_ms=queue.delay_ms if delay_s is None else 1000 * delay_s,
        group=group,
    )
    answer = {"MessageId": draft.message_id, "MD5OfMessageBody": draft.md5}
    if attributes:
        answer["MD5OfMessageAttributes"] = attributes_md5(attributes)
    if system:
        answer["MD5OfMessageSystemAttributes"] = attributes_md5(system)
    return Outgoing(draft, answer, size)


def _system(system: Mapping[str, Mapping[str, Any]]) -> str:
    return json.dumps({name: str(value.get("StringValue", "")) for name, value in system.items()})


def _group(members: Members) -> str:
    group = members.get("MessageGroupId")
    if group is None:
        return ""
    if not isinstance(group, str):
        raise SerializationError("MessageGroupId must be a string.")
    if not _GROUP.fullmatch(group):
        raise InvalidParameterValueError(
            f"Value {group} for parameter MessageGroupId is invalid. Reason: MessageGroupId can"
            " only include alphanumeric and punctuation characters. 1 to 128 in length."
        )
    return group


def _attributes(members: Members, name: str) -> dict[str, dict[str, Any]]:
    given = members.get(name)
    if not given:
        return {}
    if not isinstance(given, dict) or not all(isinstance(one, dict) for one in given.values()):
        raise SerializationError(f"{name} must be a map of attributes.")
    if len(given) > _MAX_ATTRIBUTES:
        raise InvalidParameterValueError(
            f"Number of message attributes [{len(given)}] exceeds the allowed maximum"
            f" [{_MAX_ATTRIBUTES}]."
        )
    for attribute_name, attribute in given.items():
        _check_attribute(attribute_name, attribute)
    return given


def _check_attribute(name: str, attribute: Mapping[str, Any]) -> None:
    if not _ATTRIBUTE_NAME.fullmatch(name):
        raise InvalidParameterValueError(f"Message attribute name '{name}' is invalid.")
    data_type = attribute.get("DataType")
    if not isinstance(data_type, str) or data_type.partition(".")[0] not in (
        "String",
        "Number",
        "Binary",
    ):
        raise InvalidParameterValueError(
            f"The type of message attribute '{name}' is invalid. You must use only the following"
            " supported type prefixes: Binary, Number, String."
        )
    member = "BinaryValue" if data_type.startswith("Binary") else "StringValue"
    value = attribute.get(member)
    if not isinstance(value, str) or not value:
        raise InvalidParameterValueError(
            f"Message attribute '{name}' must contain a non-empty value of type {data_type}."
        )
    if member == "BinaryValue":
        try:
            base64.b64decode(value, validate=True)
        except binascii.Error:
            raise SerializationError(f"BinaryValue of '{name}' is not base64.") from None


def _weight(attributes: Mapping[str, Mapping[str, Any]]) -> int:
    return sum(
        len(name.encode()) + len(one["DataType"].encode()) + _value_bytes(one)
        for name, one in attributes.items()
    )


def _value_bytes(attribute: Mapping[str, Any]) -> int:
    if str(attribute["DataType"]).startswith("Binary"):
        return len(base64.b64decode(attribute["BinaryValue"]))
    return len(str(attribute["StringValue"]).encode())
