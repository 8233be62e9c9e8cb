"""Which labels may be in an answer."""

import pytest

from wire.messages import Answer, Job
from wire.sieve import Sieve

TABBY, EGYPTIAN = ("tabby, tabby cat", "n02123045"), ("Egyptian cat", "n02124075")


@pytest.mark.parametrize(
    ("include", "exclude", "passing"),
    [
        ([], [], {TABBY, EGYPTIAN}),
        (["Tabby"], [], {TABBY}),
        (["TABBY  CAT"], [], {TABBY}),
        (["tabby, tabby cat"], [], {TABBY}),
        (["N02124075"], [], {EGYPTIAN}),
        (["tab", "cat"], [], set()),
        (["tabby", "egyptian cat"], ["n02123045"], {EGYPTIAN}),
        ([], ["tabby cat"], {EGYPTIAN}),
    ],
)
def test_a_term_is_a_name_one_of_several_or_a_class_id(include, exclude, passing):
    sieve = Sieve.of(0.1, include, exclude)
    assert {label for label in (TABBY, EGYPTIAN) if sieve.judge()(*label)} == passing


def test_what_asks_for_the_same_is_the_same_and_what_lets_all_pass_is_none():
    assert Sieve.of(0, ["b", "A "], ["c"]) == Sieve.of(0, ["a", "B", "b"], ["C"])
    assert hash(Sieve.of(0, ["b", "A"], [])) == hash(Sieve.of(0, ["a", "B"], []))
    assert Sieve.of(0.0, [], []) is None


def test_it_travels_with_a_job_and_costs_one_without_it_nothing():
    job = Job(uuid="a", image_url="u", reply_to="r", sieve=Sieve.of(0.5, ["cat"], []))
    assert Job.decode(job.encode()) == job
    assert "sieve" not in job.model_copy(update={"sieve": None}).encode()


def test_where_no_label_is_left_the_result_is_said_to_be_none():
    assert b'"result":null' in Answer(uuid="a", image_url="u", model="m").public_json()
