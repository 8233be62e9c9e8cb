"""Whether the labels that a request names are any of its model's: a slip is told, with what is near it."""

from collections.abc import Iterable
from difflib import get_close_matches

from api.models import Models
from api.submit import Options
from classifier.classes import ClassName
from classifier.errors import ClassifierError
from wire import log
from wire.errors import InvalidParameter, ModelNotFound, QueueUnavailable
from wire.sieve import spellings
from wire.store import Store

NEAR = 3  # names that are told
_log = log.get(__name__)


class Vocabulary:
    """Knows the terms of the models that were asked about. A version's labels never change."""

    def __init__(self, models: Models, store: Store) -> None:
        self._models = models
        self._store = store
        self._known: dict[tuple[str, str], frozenset[str]] = {}

    async def check(self, options: Options) -> None:
        """Refuse a term that no label of the model has. Where its labels cannot be read, none is refused.

        Raises:
            InvalidParameter: the term, and those near it.
            ModelNotFound: there is no such model.
        """
        if options.sieve is None:
            return
        self._models.check(options.model, options.model_version)
        try:
            may_answer = self._models.answering(options.model, options.model_version)
            known = frozenset().union(*[await self._terms(*each) for each in may_answer])
        except (ClassifierError, ModelNotFound, QueueUnavailable) as error:
            _log.warning("labels not read", reason=repr(error))
            return
        _refuse("include", options.sieve.include, known)
        _refuse("exclude", options.sieve.exclude, known)

    async def _terms(self, name: str, version: str) -> frozenset[str]:
        if (name, version) not in self._known:
            labels = await self._models.labels(self._store, name, version)
            self._known[name, version] = _spelled(labels)
        return self._known[name, version]


def _spelled(labels: Iterable[ClassName]) -> frozenset[str]:
    return frozenset().union(*(spellings(each.name, each.class_id) for each in labels))


def _refuse(name: str, terms: Iterable[str], known: frozenset[str]) -> None:
    unknown = next((term for term in terms if term not in known), None)
    if unknown is None:
        return
    near = get_close_matches(unknown, known, NEAR)
    hint = f" Near it: {', '.join(map(repr, near))}." if near else ""
    raise InvalidParameter(f"{name}: the model has no label {unknown[:60]!r}.{hint}")
