"""What a worker takes on: any body at all is a job of this deployment, or undecodable."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wire.admission import read
from wire.messages import Answer, Job, Report, Terminate, Undecodable
from wire.names import QueueNames

NAMES = QueueNames("test")
GOOD = {"schema": 1, "uuid": "a", "imageUrl": "http://h.test/a", "replyTo": NAMES.responses("r1")}
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=6,
)
FIELDS = st.sampled_from(
    [
        "schema",
        "uuid",
        "imageUrl",
        "replyTo",
        "task",
        "model",
        "top",
        "persist",
        "deadline",
        "layer",
    ]
)
SPOILT = st.dictionaries(FIELDS, JSON, max_size=4).map(lambda fields: json.dumps(GOOD | fields))
KINDS = [Job, Answer, Terminate, Report]


@pytest.mark.parametrize("kind", KINDS)
@given(
    body=st.binary(max_size=300)
    | st.text(max_size=300)
    | JSON.map(json.dumps)
    | SPOILT
    | st.sampled_from(
        ["[" * 10_000, '{"a":' * 5000, "9" * 5000, '{"uuid": "\\ud800"}', "NaN", "1e999"]
    )
)
def test_any_bytes_are_a_message_or_undecodable(kind, body):
    try:
        message = kind.decode(body)
    except Undecodable:
        return
    assert kind.decode(message.encode()) == message


@given(SPOILT)
@settings(max_examples=500)
def test_whoever_is_answered_is_of_this_deployment(body):
    try:
        job = read(body, NAMES)
    except Undecodable:
        return
    assert job.reply_to.startswith("test-responses-")


ELSEWHERE = [
    "",
    "test-responses-",
    "test-requests",
    "test-dead-letter",
    "other-responses-r1",
    "TEST-responses-r1",
    " test-responses-r1",
    "test-responses-r1 ",
    "test-responses-r1\n",
    "test-responses-../other-requests",
    "test-responses-/../../000000000000/other",
    "test-responses-r1/../test-requests",
    "test-responses-r1?Action=DeleteQueue",
    "test-responses-r1#x",
    "test-responses-r1\u0000",
    "test-responses-r1.fifo",
    "test-responses-é",
    "test-responses-" + "r" * 80,
    "https://sqs.us-east-1.amazonaws.com/000000000000/test-responses-r1",
    "arn:aws:sqs:us-east-1:000000000000:test-responses-r1",
]


@pytest.mark.parametrize("name", ELSEWHERE)
def test_nobody_else_is_answered(name):
    with pytest.raises(Undecodable):
        read(json.dumps(GOOD | {"replyTo": name}), NAMES)


@given(st.text(max_size=90))
@settings(max_examples=300)
def test_what_follows_the_prefix_is_part_of_a_queue_s_name(rest):
    name = NAMES.responses(rest)
    allowed = set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_")
    fits = len(rest) > 0 and len(name) <= 80
    assert NAMES.may_reply_to(name) == (fits and set(rest) <= allowed)


def test_the_good_one_is_taken():
    assert read(json.dumps(GOOD), NAMES) == Job.decode(json.dumps(GOOD))
