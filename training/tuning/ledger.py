"""Which trials are done, which were lost with their process, and what is left to do.

A trial that is lost is put into the queue once more, and goes on in the same run folder from its checkpoint;
after `ATTEMPTS` it is given up. One that was only put back has that attempt still. It is enqueued before it
is marked as failed: a kill in between leaves it as running, and the next look finds that it has a successor
already.
"""

from collections.abc import Sequence

import optuna
from optuna.trial import FrozenTrial, TrialState

ATTEMPTS = 3
RUN, ATTEMPT, AGAIN_OF, BECAUSE, SAME_AS = "run", "attempt", "again_of", "because", "same_as"


def settled(trials: Sequence[FrozenTrial]) -> list[FrozenTrial]:
    """Those that count: done, pruned, or failed for good."""
    again = _again(trials)
    return [
        trial
        for trial in trials
        if trial.state in (TrialState.COMPLETE, TrialState.PRUNED)
        or (trial.state is TrialState.FAIL and trial.params and trial.number not in again)
    ]


def left(trials: Sequence[FrozenTrial], wanted: int) -> int:
    """How many more are to be begun: neither settled nor running now."""
    running = sum(trial.state is TrialState.RUNNING for trial in trials)
    return max(0, wanted - len(settled(trials)) - running)


def lost(study: optuna.Study, trial: FrozenTrial, because: str) -> None:
    """The process that worked on a trial is gone."""
    attempt = _attempt(trial) + 1
    if attempt <= ATTEMPTS:
        _queue(study, trial, attempt, because)
    study.tell(trial.number, state=TrialState.FAIL)


def put_back(study: optuna.Study, trial: FrozenTrial, because: str) -> None:
    """Ends a trial that goes on when whatever stopped it, which was not the trial's doing, is mended."""
    _queue(study, trial, _attempt(trial), because)
    study.tell(trial.number, state=TrialState.FAIL)


def recovered(study: optuna.Study) -> int:
    """Marks what ran when the study's own process ended; for who has just opened it. How many there were."""
    stale = study.get_trials(deepcopy=False, states=(TrialState.RUNNING,))
    for trial in stale:
        lost(study, trial, "the search was ended")
    return len(stale)


def twin(trials: Sequence[FrozenTrial], trial: FrozenTrial) -> FrozenTrial | None:
    """A finished trial with the same parameters."""
    done = (each for each in trials if each.state is TrialState.COMPLETE)
    return next((each for each in done if each.params == trial.params), None)


def _attempt(trial: FrozenTrial) -> int:
    return int(trial.user_attrs.get(ATTEMPT, 1))


def _queue(study: optuna.Study, trial: FrozenTrial, attempt: int, because: str) -> None:
    """A successor in the same run folder, unless the trial has one."""
    params = {**trial.system_attrs.get("fixed_params", {}), **trial.params}
    if not params or trial.number in _again(study.trials):
        return
    said = {**trial.user_attrs, ATTEMPT: attempt, AGAIN_OF: trial.number, BECAUSE: because}
    study.enqueue_trial(params, user_attrs=said)


def _again(trials: Sequence[FrozenTrial]) -> set[int]:
    """Those that have a successor."""
    return {int(each.user_attrs[AGAIN_OF]) for each in trials if AGAIN_OF in each.user_attrs}
