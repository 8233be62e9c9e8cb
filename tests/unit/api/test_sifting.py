"""`minConfidence`, `include` and `exclude`, from the query to the job."""

import pytest

from classifier.catalog import BUNDLED
from tests.unit.api.conftest import Deployment, classified
from wire.sieve import Sieve


@pytest.fixture
async def bundled():
    """A deployment with the model that ships: its labels are known."""
    made = Deployment(BUNDLED)
    yield made
    await made.close()


async def test_the_job_carries_the_sieve_and_none_where_nothing_is_asked(bundled):
    await bundled.worker()
    api = await bundled.replica()
    await api.classify()
    given = {"minConfidence": "0.25", "include": ["egyptian cat", "n07749582"], "exclude": "reel"}
    assert (await api.classify(**given)).status_code == 200
    expected = Sieve.of(0.25, ["n07749582", "Egyptian Cat"], ["reel"])
    assert [job.sieve for job in bundled.jobs] == [None, expected]


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"minConfidence": "1.01"}, "minConfidence"),
        ({"minConfidence": "nan"}, "minConfidence"),
        ({"minConfidence": ""}, "minConfidence"),
        ({"include": " "}, "include"),
        ({"exclude": "x" * 201}, "exclude"),
        ({"exclude": ["n07749582"] * 101}, "exclude"),
        ({"include": "egyptain cat"}, "'egyptian cat'"),  # what is near it
        ({"include": "reel", "exclude": "volley ball"}, "'volleyball'"),
    ],
)
async def test_a_slip_is_told_before_there_is_a_job(bundled, given, said):
    api = await bundled.replica()
    answer = await api.classify(**given)
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "invalid_parameter")
    assert said in answer.json()["error"]["message"]
    assert bundled.jobs == []


async def test_where_the_labels_are_not_known_no_name_is_refused(deployment):
    await deployment.worker()
    api = await deployment.replica()
    assert (await api.classify(include="whatever it is")).status_code == 200


async def test_another_sieve_is_another_question(bundled):
    await bundled.worker()
    api = await bundled.replica(cache_seconds=60)
    given = [
        {},
        {"include": "reel"},
        {"include": "REEL"},
        {"minConfidence": 0},
        {"exclude": "reel"},
    ]
    cached = [(await api.classify(**each)).json()["cached"] for each in given]
    assert cached == [False, False, True, True, False]


async def test_a_key_that_was_used_with_another_sieve_is_refused(bundled):
    def worked(job):
        return classified(job) if job.persist == "record" else None

    await bundled.worker(worked)
    api = await bundled.replica(wait=0.2)
    codes = []
    for name in ("reel", "lemon"):
        given = {"url": "https://example.com/cat.jpg", "include": name}
        answer = await api.http.get("/classify", params=given, headers={"Idempotency-Key": "k"})
        codes.append(answer.json()["error"]["code"])
    assert codes == ["timed_out", "idempotency_mismatch"]


async def test_no_label_left_is_an_answer(deployment):
    def nothing(job):
        return classified(job).model_copy(update={"labels": (), "result": None})

    await deployment.worker(nothing)
    api = await deployment.replica()
    answer = await api.classify(minConfidence=0.99)
    assert answer.status_code == 200
    assert (answer.json()["result"], answer.json()["labels"]) == (None, [])
