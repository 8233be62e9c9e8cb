"""What is wrong with the disk or the pictures ends a search, and settles none of its trials."""

import sys

import pytest
from optuna.distributions import FloatDistribution
from optuna.trial import TrialState

from cli.tune import _planned
from training.errors import PicturesUnfit, TrainingError
from training.tuning import journal, ledger
from training.tuning.crew import Crew
from training.tuning.search import Plan, Search

pytest.importorskip("keras")

SPACE = {"rate": FloatDistribution(0.0, 1.0)}
HAND = """
import os, sys
from training import errors
from training.tuning.hand import Line, work
from training.tuning.messages import Epoch

def teach(order, told):
    if order.number == 0:
        told(Epoch(1, 2, 0.5))
    raise errors.{error}("it is full")

work(Line(sys.stdin.buffer, os.fdopen(int(sys.argv[1]), "wb")), teach)
"""


class Unseen:
    def begun(self, number, drawn):
        pass

    def epoch(self, number, done):
        pass

    def ended(self, number, study, said):
        pass


def searched(study, folder, error, at_once=1):
    crew = Crew([sys.executable, "-c", HAND.format(error=error)], at_once, folder / "logs")
    plan = Plan(folder, SPACE, {}, wanted=2, at_once=at_once, seed=0)
    try:
        Search(study, crew, plan, Unseen()).run()
    finally:
        crew.close()


@pytest.fixture
def study(tmp_path):
    with journal.opened(tmp_path / "study", {}) as found:
        yield found


@pytest.mark.parametrize("error", ["OutOfSpace", "PicturesUnfit"])
def test_what_is_no_fault_of_the_options_ends_the_search_and_costs_no_trial(study, tmp_path, error):
    for _ in range(ledger.ATTEMPTS + 1):
        with pytest.raises(TrainingError, match="it is full"):
            searched(study, tmp_path, error)
    assert ledger.settled(study.trials) == []
    assert ledger.left(study.trials, 2) == 2
    *_, waiting = study.trials
    assert waiting.state is TrialState.WAITING
    assert waiting.user_attrs[ledger.RUN] == study.trials[0].user_attrs[ledger.RUN]
    assert waiting.system_attrs["fixed_params"] == study.trials[0].params


def test_trials_at_its_side_are_put_back_too(study, tmp_path):
    with pytest.raises(TrainingError, match="it is full"):
        searched(study, tmp_path, "OutOfSpace", at_once=2)
    begun = [each for each in study.trials if each.state is TrialState.FAIL]
    waiting = [each for each in study.trials if each.state is TrialState.WAITING]
    assert {each.user_attrs[ledger.AGAIN_OF] for each in waiting} == {e.number for e in begun}


def test_what_lies_with_the_options_settles_the_trial(study, tmp_path):
    searched(study, tmp_path, "WrongRecipe")
    assert len(ledger.settled(study.trials)) == 2
    assert "WrongRecipe: it is full" in study.trials[0].user_attrs[ledger.BECAUSE]


def test_pictures_are_opened_before_the_first_trial(tmp_path):
    (tmp_path / "space.yaml").write_text("rate: [0.1, 0.2]")
    for name in ("cat", "dog"):
        (tmp_path / "pictures" / name).mkdir(parents=True)
        (tmp_path / "pictures" / name / "1.jpg").write_bytes(b"no picture")
    fixed = {
        "data": str(tmp_path / "pictures"),
        "cache": str(tmp_path / "cache"),
        "share": 0.2,
        "lenient": False,
        "seed": 0,
        "choice": {"recipe": None, "model": "dense"},
    }
    with pytest.raises(PicturesUnfit, match=r"cat/1\.jpg"):
        _planned(tmp_path / "space.yaml", tmp_path / "study", fixed, 2, 1)
