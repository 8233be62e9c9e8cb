"""Models in service, wired once."""

from wire.index_store import IndexCopy
from wire.lineup import Lineup
from wire.settings import WorkerSettings
from wire.store import S3Store
from worker.bundled import BundleLoader
from worker.models import Model, Models
from worker.shelf.cache import BundleCache, home
from worker.shelf.canaries import Canaries
from worker.shelf.counts import CanaryCounts
from worker.shelf.memory import allowance, resident, weight
from worker.shelf.service import InService
from worker.shelf.source import Source


def shelved(
    settings: WorkerSettings,
    store: S3Store,
    loader: BundleLoader,
    first: Model,
    copy: IndexCopy,
    worker: str,
) -> InService:
    """The models of a worker, `first` among them, before the index is known."""
    cache = BundleCache(store.files(), home(settings.cache), whole=settings.engine == "keras")
    source = Source(loader, cache, lambda: copy.index)
    models = Models(source, allowance(settings.model_memory), weigh, resident)
    models.hold(first)
    counts = CanaryCounts()
    canaries = Canaries(store, worker, counts)
    lineup = Lineup(loader.versions(), loader.usual)
    return InService(models, copy, lineup, canaries, counts, loader.versions)


def weigh(model: Model, grown: int) -> int:
    """Bytes."""
    return weight(model.folder, grown)
