"""What a search finds when it comes back: nothing done is done again, nothing lost is forgotten."""

import json

import optuna
import pytest
from optuna.distributions import FloatDistribution
from optuna.trial import TrialState

from tests.studies import trials
from training.errors import RunMismatch
from training.tuning import journal, ledger, results

SPACE = {"rate": FloatDistribution(0.0, 1.0)}
STUDY = {"space": "rate"}


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "study"


@pytest.fixture
def study(folder):
    with journal.opened(folder, STUDY) as found:
        yield found


def begun(study):
    trial = study.ask(SPACE)
    trial.set_user_attr(ledger.RUN, trial.user_attrs.get(ledger.RUN, f"trials/{trial.number}"))
    return trial


def states(study):
    return [trial.state for trial in study.trials]


def test_what_ran_when_the_search_ended_is_queued_once_with_its_values_and_its_run(study):
    study.tell(begun(study), 0.5)
    interrupted = begun(study)
    assert ledger.recovered(study) == 1
    assert ledger.recovered(study) == 0
    assert states(study) == [TrialState.COMPLETE, TrialState.FAIL, TrialState.WAITING]
    assert ledger.left(study.trials, 3) == 2  # the queued one, and one more
    again = begun(study)
    assert again.number == 2
    assert again.params == interrupted.params
    assert again.user_attrs[ledger.RUN] == "trials/1"
    study.tell(again, 0.6)
    assert ledger.left(study.trials, 3) == 1
    assert [each.number for each in ledger.settled(study.trials)] == [0, 2]


def test_a_kill_between_queueing_and_marking_queues_no_second_one(study):
    trial = begun(study)
    study.enqueue_trial(trial.params, user_attrs={ledger.AGAIN_OF: trial.number})
    assert ledger.recovered(study) == 1
    assert states(study) == [TrialState.FAIL, TrialState.WAITING]


def test_what_is_lost_again_and_again_is_given_up(study):
    params = []
    for _ in range(ledger.ATTEMPTS):
        trial = begun(study)
        params.append(trial.params)
        ledger.lost(study, study.trials[trial.number], "killed")
    assert states(study) == [TrialState.FAIL] * ledger.ATTEMPTS
    assert params == [params[0]] * ledger.ATTEMPTS
    assert [each.number for each in ledger.settled(study.trials)] == [ledger.ATTEMPTS - 1]
    assert ledger.left(study.trials, 1) == 0


def test_a_finished_twin_is_found(study):
    first = begun(study)
    study.tell(first, 0.5)
    study.enqueue_trial(first.params)
    second = begun(study)
    found = ledger.twin(study.trials, study.trials[second.number])
    assert found is not None
    assert found.number == first.number
    other = begun(study).number
    assert ledger.twin(study.trials, study.trials[other]) is None


def test_the_best_is_the_first_of_the_highest(study):
    for value in (0.4, 0.7, 0.7):
        study.tell(begun(study), value)
    study.tell(begun(study), state=TrialState.PRUNED)
    found = results.best(study.trials)
    assert found is not None
    assert found.number == 1


def test_a_line_that_was_cut_off_is_dropped_and_the_study_goes_on(folder):
    with journal.opened(folder, STUDY) as study:
        study.tell(begun(study), 0.5)
    file = folder / journal.JOURNAL
    with file.open("ab") as end:
        end.write(b'{"op_code":6,"tri')
    with journal.opened(folder, STUDY) as study:
        study.tell(begun(study), 0.6)
    assert [trial.value for trial in trials(folder)] == [0.5, 0.6]
    assert all(json.loads(line) for line in file.read_text().splitlines())


def test_one_search_at_a_time_and_of_the_same_study(folder, study):
    with pytest.raises(journal.StudyBusy, match="another `tune` works in"):
        journal.opened(folder, STUDY).__enter__()
    other = folder.parent / "other"
    with journal.opened(other, STUDY):
        pass
    with pytest.raises(RunMismatch, match="holds another study"):
        journal.opened(other, {"space": "batch"}).__enter__()


def test_the_table_has_a_row_for_each_and_says_what_came_of_it(study):
    study.tell(begun(study), 0.5)
    lost = begun(study)
    lost.report(0.25, 1)
    ledger.lost(study, study.trials[lost.number], "killed")
    begun(study)
    lines = results.table(results.outcomes(study.trials)).splitlines()
    assert lines[0] == "trial,state,top1,epochs,rate,run,note"
    assert lines[1].startswith("0,done,0.500000,0,")
    assert lines[2].startswith('1,"lost, again as 2",0.250000,1,')
    assert lines[3].startswith("2,runs,,0,")
    assert lines[3].endswith(",trials/1,killed")
    assert optuna.logging.get_verbosity() == optuna.logging.WARNING
