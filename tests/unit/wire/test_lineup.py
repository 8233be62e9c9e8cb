"""Who answers whom."""

from collections import Counter

import pytest

from wire.errors import ModelNotFound
from wire.index import Index, chosen, promoted, published, tried
from wire.lineup import Choice, Lineup, drawn

FOLDER = {"plain": ("1", "2"), "other": ("1",)}
JOBS = [f"job-{at}" for at in range(4000)]


def lineup(index: Index | None = None) -> Lineup:
    return Lineup(FOLDER, "plain", index or Index())


def bucket(*pairs: tuple[str, str]) -> Index:
    index = Index()
    for name, version in pairs:
        index = published(index, name, version, "a" * 64)
    return index


def test_a_folder_alone_serves_its_latest():
    line = lineup()
    assert line.names() == ["other", "plain"]
    assert line.choose(None, None, "job") == Choice("plain", "2")
    assert line.choose("plain", "1", "job") == Choice("plain", "1")
    assert line.share("plain", "2") == 1.0


def test_what_the_bucket_has_is_there_and_serves_only_when_told_to():
    line = lineup(bucket(("plain", "3"), ("new", "1")))
    assert line.versions("plain") == ["1", "2", "3"]
    assert line.choose("plain", None).version == "2"
    assert line.choose("plain", "3").version == "3"
    assert line.choose("new", None).version == "1"


def test_a_promoted_version_serves_and_its_former_one_stands_behind():
    line = lineup(promoted(bucket(("plain", "3")), "plain", "3", before="2"))
    assert line.choose(None, None, "job") == Choice("plain", "3", instead="2")


def test_the_index_says_which_model_answers_by_default():
    line = lineup(chosen(bucket(("new", "1")), "new"))
    assert line.default == "new"
    assert lineup(chosen(Index(), "nowhere")).default == "plain"


def test_a_version_that_is_not_here_does_not_serve():
    line = lineup(promoted(Index(), "plain", "9"))
    assert line.serving("plain") == "2"


def test_a_canary_gets_its_share_and_each_job_the_same_version_again():
    line = lineup(tried(bucket(("plain", "3")), "plain", "3", 0.1, 0.0))
    choices = [line.choose(None, None, job) for job in JOBS]
    assert choices == [line.choose("plain", None, job) for job in JOBS]
    found = Counter(each.version for each in choices)
    assert set(found) == {"2", "3"}
    assert 0.08 < found["3"] / len(JOBS) < 0.12
    assert {each.instead for each in choices if each.version == "3"} == {"2"}
    assert (line.share("plain", "3"), line.share("plain", "2")) == (0.1, 0.9)


def test_who_asks_for_a_number_gets_it_whatever_is_on_trial():
    line = lineup(tried(bucket(("plain", "3")), "plain", "3", 0.5, 0.0))
    assert {line.choose("plain", "2", job) for job in JOBS} == {Choice("plain", "2")}
    assert line.choose("plain", None) == Choice("plain", "2")  # nobody's job


def test_trials_choose_different_jobs():
    first = {job for job in JOBS if drawn("3", job) < 0.1}
    second = {job for job in JOBS if drawn("4", job) < 0.1}
    assert len(first & second) < 0.03 * len(JOBS)


def test_a_canary_alone_serves_nobody():
    index = tried(bucket(("new", "1"), ("new", "2")), "new", "2", 0.1, 0.0)
    assert lineup(index).serving("new") == "1"
    only = tried(bucket(("new", "2")), "new", "2", 0.1, 0.0)
    with pytest.raises(ModelNotFound):
        lineup(only).choose("new", None)


@pytest.mark.parametrize(("name", "version"), [("plain", "9"), ("none", None), (None, "7")])
def test_what_there_is_not_is_refused_with_what_there_is(name, version):
    with pytest.raises(ModelNotFound) as refused:
        lineup(bucket(("new", "1"))).choose(name, version)
    assert "there are: new 1, other 1, plain 1, plain 2." in refused.value.public


def test_a_long_name_is_not_told_back():
    with pytest.raises(ModelNotFound) as refused:
        lineup().choose("x" * 5000, None)
    assert len(refused.value.public) < 300
