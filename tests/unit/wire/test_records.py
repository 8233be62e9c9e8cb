"""A record's line, made of the answer's own text."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wire.messages import Answer, ErrorBody, Label, Timings
from wire.records import Record

ANSWERS = [
    Answer(
        uuid="a", image_url='http://h/ü"\\}', error=ErrorBody(code="x", message="No \u2028 {}.")
    ),
    Answer(
        uuid="b",
        image_url="upload:b",
        result="cat",
        labels=(Label(name="cat", class_id="n1", confidence=0.1),),
        model="m",
        model_version="1",
        timings=Timings(fetch_ms=1.25),
        cached=True,
    ),
]


@pytest.mark.parametrize("answer", ANSWERS)
@given(st.datetimes(datetime(1970, 1, 1), datetime(9000, 1, 1), timezones=st.just(UTC)))
def test_a_line_is_the_record_encoded(answer, at):
    line = Record.line(answer, at)
    assert line == Record.of(answer, at).encode()
    assert Record.decode(line) == Record.of(answer, at)


@pytest.mark.parametrize("answer", ANSWERS)
def test_an_answer_that_was_encoded_is_the_same_answer(answer):
    again = Answer.decode(answer.encoded)
    assert (again, again.encode()) == (answer, answer.encoded)
