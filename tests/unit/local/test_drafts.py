"""What may be sent, and what a send is answered."""

import base64
import hashlib
from typing import Any

import pytest

from local.sqs.database import Database
from local.sqs.digests import attributes_md5, body_md5
from local.sqs.drafts import outgoing
from local.sqs.errors import (
    InvalidMessageContentsError,
    InvalidParameterValueError,
    MissingParameterError,
    SerializationError,
    SqsError,
)
from local.sqs.queues import Queue, QueueTable


@pytest.fixture
def queue(database: Database) -> Queue:
    return QueueTable(database, lambda: 0, 60).create("a", {"DelaySeconds": "3"}, {})


def string(value: str, data_type: str = "String") -> dict[str, str]:
    return {"DataType": data_type, "StringValue": value}


def test_a_body_of_exactly_1_mib_passes(queue: Queue) -> None:
    assert outgoing(queue, {"MessageBody": "x" * 1_048_576}).size == 1_048_576


def test_one_byte_more_does_not(queue: Queue) -> None:
    with pytest.raises(InvalidParameterValueError, match="1048576"):
        outgoing(queue, {"MessageBody": "x" * 1_048_577})


def test_size_is_counted_in_bytes_and_with_attributes(queue: Queue) -> None:
    binary = {"DataType": "Binary", "BinaryValue": base64.b64encode(b"12345").decode()}
    members = {"MessageBody": "ä", "MessageAttributes": {"k": string("v"), "b": binary}}
    assert outgoing(queue, members).size == 2 + (1 + 6 + 1) + (1 + 6 + 5)


def test_delay_is_the_messages_own_or_the_queues(queue: Queue) -> None:
    assert outgoing(queue, {"MessageBody": "x"}).draft.delay_ms == 3_000
    assert outgoing(queue, {"MessageBody": "x", "DelaySeconds": 0}).draft.delay_ms == 0
    assert outgoing(queue, {"MessageBody": "x", "DelaySeconds": 900}).draft.delay_ms == 900_000


@pytest.mark.parametrize(
    ("members", "error"),
    [
        ({}, MissingParameterError),
        ({"MessageBody": ""}, MissingParameterError),
        ({"MessageBody": 5}, SerializationError),
        ({"MessageBody": "bell \x07"}, InvalidMessageContentsError),
        ({"MessageBody": "half \ud800 pair"}, InvalidMessageContentsError),
        ({"MessageBody": "x", "DelaySeconds": 901}, InvalidParameterValueError),
        ({"MessageBody": "x", "DelaySeconds": "5"}, SerializationError),
        ({"MessageBody": "x", "MessageAttributes": []}, None),
        ({"MessageBody": "x", "MessageAttributes": {"k": 1}}, SerializationError),
        ({"MessageBody": "x", "MessageAttributes": {"k": {}}}, InvalidParameterValueError),
        (
            {"MessageBody": "x", "MessageAttributes": {"AWS.k": string("v")}},
            InvalidParameterValueError,
        ),
        (
            {"MessageBody": "x", "MessageAttributes": {"k": string("v", "Text")}},
            InvalidParameterValueError,
        ),
        (
            {"MessageBody": "x", "MessageAttributes": {"k": string("")}},
            InvalidParameterValueError,
        ),
        (
            {"MessageBody": "x", "MessageAttributes": {str(n): string("v") for n in range(11)}},
            InvalidParameterValueError,
        ),
    ],
)
def test_bad_messages_are_refused(
    queue: Queue, members: dict[str, Any], error: type[SqsError] | None
) -> None:
    if error is None:
        assert outgoing(queue, members).draft.attributes is None
        return
    with pytest.raises(error):
        outgoing(queue, members)


def test_every_character_that_sqs_carries_passes(queue: Queue) -> None:
    body = "\t\n\r \ud7ff\ue000\ufffd\U00010000\U0010ffff"
    assert outgoing(queue, {"MessageBody": body}).draft.body == body


def test_digests_are_those_of_the_developer_guide() -> None:
    assert body_md5(b"This is a test message") == "fafb00f5732ab283681e124bf8747ed1"
    attributes = {"b": {"DataType": "Binary", "BinaryValue": "MTIz"}, "a": string("v")}
    laid_out = (
        b"\0\0\0\x01a" + b"\0\0\0\x06String" + b"\x01" + b"\0\0\0\x01v"
        b"\0\0\0\x01b" + b"\0\0\0\x06Binary" + b"\x02" + b"\0\0\0\x03123"
    )
    assert attributes_md5(attributes) == hashlib.md5(laid_out).hexdigest()
    stamp = {"timestamp": string("1493147359900", "Number")}
    assert attributes_md5(stamp) == "235c5c510d26fb653d073faed50ae77c"
