"""Messages encode, decode, and stand each other's versions."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wire import errors
from wire.messages import Answer, ErrorBody, Job, Label, Report, Terminate, Undecodable


def test_a_job_keeps_the_field_names_of_the_service_before_it():
    body = json.loads(Job(uuid="a", image_url="https://x.org/a.jpg", reply_to="q").encode())
    assert body["uuid"] == "a"
    assert body["imageUrl"] == "https://x.org/a.jpg"
    assert body["schema"] == 1


def test_an_answer_keeps_the_field_names_of_the_service_before_it():
    answer = Answer(uuid="a", image_url="u", result="cat")
    assert answer.public()["result"] == "cat"
    assert "schema" not in answer.public()


@given(st.text(max_size=64), st.integers(1, 1000), st.floats(0, 1e6))
def test_jobs_survive_the_journey(url, top, deadline):
    job = Job(uuid="a", image_url=url, reply_to="q", top=top, deadline=deadline)
    assert Job.decode(job.encode()) == job


def test_answers_survive_the_journey():
    answer = Answer(
        uuid="a",
        image_url="u",
        result="cat",
        labels=(Label(name="cat", class_id="n02123045", confidence=0.9),),
        error=ErrorBody.of(errors.TimedOut()),
    )
    assert Answer.decode(answer.encode()) == answer


def test_fields_of_a_newer_version_are_ignored():
    body = {"schema": 1, "reason": "idle", "tick": 3, "invented": {"later": True}}
    assert Terminate.decode(json.dumps(body)) == Terminate(reason="idle", tick=3)


@pytest.mark.parametrize(
    "body",
    ["", "not json", "[]", "null", "{}", '{"schema": 2, "reason": "x", "tick": 1}', "\x00"],
)
def test_what_is_no_message_is_undecodable(body):
    with pytest.raises(Undecodable):
        Terminate.decode(body)


@given(st.text())
def test_decoding_never_raises_anything_else(body):
    for kind in (Job, Answer, Terminate, Report):
        try:
            kind.decode(body)
        except Undecodable:
            continue


def test_messages_are_frozen():
    with pytest.raises(ValueError, match="frozen"):
        Job(uuid="a", image_url="u", reply_to="q").uuid = "b"  # type: ignore[misc]
