"""What becomes of a canary's answers, and of those beside it."""

from classifier.errors import ClassifierError
from wire import errors
from worker.models import Model
from worker.patience import GivenUp
from worker.shelf.judge import Numbers


class CanaryCounts:
    """Counts for models that have a canary, and for those only."""

    def __init__(self) -> None:
        self._trials: dict[str, dict[str, Numbers]] = {}

    def begin(self, name: str, canary: str, usual: str) -> None:
        """From nothing, unless these two are being compared already."""
        if set(self._trials.get(name, ())) != {canary, usual}:
            self._trials[name] = {canary: Numbers(), usual: Numbers()}

    def end(self, name: str) -> None:
        self._trials.pop(name, None)

    def of(self, name: str, version: str) -> Numbers:
        return self._trials[name][version]

    def answered(self, model: Model, cost: float, cores: int) -> None:
        """It classified a picture, for so many seconds of one core, on so many."""
        if numbers := self._numbers(model):
            numbers.did(cost, cores)

    def failed(self, model: Model) -> None:
        if numbers := self._numbers(model):
            numbers.failed += 1

    def _numbers(self, model: Model) -> Numbers | None:
        return self._trials.get(model.name, {}).get(model.version)


def ours(cause: Exception) -> bool:
    """Whether it may be the model's fault: no refusal of the picture, no fault of its host or of ours."""
    refused = isinstance(cause, ClassifierError | errors.ServiceError | GivenUp)
    return not refused or isinstance(cause, TELLING)


TELLING = (errors.DecoderCrashed, errors.WorkerCrashed, errors.Internal)
