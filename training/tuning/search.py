"""The search itself: ask Optuna, let the crew train, tell Optuna what came of it."""

import math
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import optuna
from optuna.samplers import TPESampler
from optuna.trial import FrozenTrial, Trial, TrialState

from training.errors import TrainingError
from training.tuning import journal, ledger
from training.tuning.crew import Crew, Gone, Hand, Heard, command
from training.tuning.messages import Done, Epoch, Failed, Halted, Order, Stopped
from training.tuning.space import Space, told

PATIENCE = 1.0  # seconds between two looks at what is to be shown
TRIALS, LOGS = "trials", "logs"


@dataclass(frozen=True)
class Plan:
    """What is searched, and how.

    Args:
        folder: the study's.
        space: what differs between trials.
        fixed: what is the same for all, as `training.tuning.teaching` reads it; JSON.
        wanted: how many trials in all, those of earlier calls included.
        at_once: how many of them at the same time.
    """

    folder: Path
    space: Space
    fixed: dict[str, Any]
    wanted: int
    at_once: int
    seed: int

    @property
    def identity(self) -> dict[str, Any]:
        """What makes two studies the same; a study may grow."""
        return {"space": told(self.space), "fixed": self.fixed, "seed": self.seed}


class Watch(Protocol):
    """Is told how far it is."""

    def begun(self, number: int, drawn: dict[str, Any]) -> None:
        """A trial begins."""

    def epoch(self, number: int, done: Epoch) -> None:
        """One of its epochs is done."""

    def ended(self, number: int, study: optuna.Study, said: str) -> None:
        """It has ended."""


class Search:
    """One call's work on a study."""

    def __init__(self, study: optuna.Study, crew: Crew, plan: Plan, watch: Watch) -> None:
        self._study = study
        self._crew = crew
        self._plan = plan
        self._watch = watch
        self._live: dict[int, Trial] = {}

    def run(self) -> None:
        """Until all trials are settled.

        Raises:
            TrainingError: what no trial can be done with; those that were being trained go on later.
        """
        try:
            while self._left() or self._live:
                self._hand_out()
                for hand, heard in self._crew.heard(PATIENCE):
                    self._take(hand, heard)
        except TrainingError:
            for trial in self._live.values():
                ledger.put_back(self._study, _frozen(self._study, trial), "the search was ended")
            raise

    def _left(self) -> int:
        return ledger.left(self._study.get_trials(deepcopy=False), self._plan.wanted)

    def _hand_out(self) -> None:
        """An order for each process that has none, for as long as there are trials left."""
        if not self._left():
            return
        self._crew.fill()
        for hand in self._crew.idle():
            trial = self._asked()
            if trial is None:
                return
            run = str(self._plan.folder / trial.user_attrs[ledger.RUN])
            self._live[trial.number] = trial
            self._crew.give(hand, Order(trial.number, run, trial.params, self._plan.fixed))
            self._watch.begun(trial.number, trial.params)

    def _asked(self) -> Trial | None:
        """The next to train; one that equals a finished trial has its value without training."""
        while self._left():
            before = self._study.get_trials(deepcopy=False)
            # By the trial, so that a search that was interrupted draws what it would have drawn.
            self._study.sampler = TPESampler(seed=self._plan.seed + len(before))
            trial = self._study.ask(self._plan.space)
            if ledger.RUN not in trial.user_attrs:
                trial.set_user_attr(ledger.RUN, f"{TRIALS}/{trial.number:04d}")
            if (same := ledger.twin(before, _frozen(self._study, trial))) is None:
                return trial
            trial.set_user_attr(ledger.SAME_AS, same.number)
            trial.set_user_attr(ledger.RUN, same.user_attrs[ledger.RUN])
            self._study.tell(trial, same.value)
            self._watch.ended(trial.number, self._study, f"as trial {same.number}")
        return None

    def _take(self, hand: Hand, heard: Heard) -> None:
        if hand.order is None:
            return
        number = hand.order.number
        trial = self._live[number]
        if isinstance(heard, Epoch):
            trial.report(heard.value, heard.epoch)
            self._watch.epoch(number, heard)
            self._crew.judge(hand, go_on=not trial.should_prune())
            return
        said = self._settle(trial, heard)
        del self._live[number]
        hand.order = None
        self._watch.ended(number, self._study, said)

    def _settle(self, trial: Trial, heard: Heard) -> str:
        """Marks a trial as ended; what is said of it."""
        if isinstance(heard, Done) and math.isfinite(heard.value):
            self._study.tell(trial, heard.value)
            return f"top-1 {heard.value:.2%}"
        if isinstance(heard, Stopped):
            self._study.tell(trial, state=TrialState.PRUNED)
            return "ended early"
        if isinstance(heard, Halted):
            raise TrainingError(
                f"{heard.why}. The search has ended at trial {trial.number}, and no trial is lost: "
                "the same command goes on"
            )
        if isinstance(heard, Gone):
            ledger.lost(self._study, _frozen(self._study, trial), heard.how)
            return f"{heard.how}; it goes on later"
        why = heard.why if isinstance(heard, Failed) else "its accuracy is no number"
        trial.set_user_attr(ledger.BECAUSE, why)
        self._study.tell(trial, state=TrialState.FAIL)
        return why


def search(plan: Plan, watch: Watch) -> optuna.Study:
    """Begins the folder's study or goes on with it; returns it with all trials settled.

    Interrupt it anywhere, or end any of its processes: the same call goes on.

    Raises:
        StudyBusy, RunMismatch, TrainingError
    """
    with journal.opened(plan.folder, plan.identity) as study:
        ledger.recovered(study)
        left = ledger.left(study.get_trials(deepcopy=False), plan.wanted)
        crew = Crew(command(), min(plan.at_once, left), plan.folder / LOGS)
        with closing(crew):
            Search(study, crew, plan, watch).run()
        return study


def _frozen(study: optuna.Study, trial: Trial) -> FrozenTrial:
    return study.trials[trial.number]
