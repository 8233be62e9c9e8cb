"""Of what kind a bundle says that its labels are."""

from collections.abc import Mapping

from api.models import Models
from classifier.errors import ClassifierError
from wire import log
from wire.errors import ServiceError
from wire.store import Store

_log = log.get(__name__)


class Bundled:
    """Reads a version's labels once: they never change."""

    def __init__(self, models: Models, store: Store) -> None:
        self._models = models
        self._store = store
        self._known: dict[tuple[str, str], Mapping[str, str]] = {}

    async def kind(self, class_id: str, model: str, version: str) -> str | None:
        """A label's kind by its bundle; None where that says nothing, or is not to be had."""
        if version not in self._models.versions(model):
            return None
        if (model, version) not in self._known:
            try:
                labels = await self._models.labels(self._store, model, version)
            except ServiceError as error:
                _log.warning("kinds cannot be read", model=model, reason=repr(error))
                return None
            except ClassifierError as error:
                _log.warning("kinds are not to be had", model=model, reason=repr(error))
                labels = ()
            self._known[model, version] = {each.class_id: each.kind for each in labels if each.kind}
        return self._known[model, version].get(class_id)
