"""What a worker shows to Prometheus, made when somebody asks: `tally` and `lanes` do the counting."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    Metric,
)
from prometheus_client.process_collector import ProcessCollector
from prometheus_client.registry import Collector

from worker.buckets import Buckets
from worker.lanes import Lanes
from worker.shift import Shift
from worker.shown import Page
from worker.tally import Tally

PREFIX = "classifycloud_worker"


class Figures(Collector):
    """The metrics of one worker.

    Args:
        worker: its name in reports.
        shift: what it holds.
        tally: what it has answered.
        lanes: what its engine did.
        cores: that its engine may use.
    """

    def __init__(
        self, worker: str, shift: Shift, tally: Tally, lanes: Lanes, cores: Callable[[], int]
    ) -> None:
        self._worker = worker
        self._shift = shift
        self._tally = tally
        self._lanes = lanes
        self._cores = cores
        self._registry = CollectorRegistry()
        self._registry.register(self)
        ProcessCollector(registry=self._registry)

    def page(self) -> Page:
        """All of it in Prometheus' own format."""
        return Page(CONTENT_TYPE_LATEST, generate_latest(self._registry))

    def collect(self) -> Iterator[Metric]:
        yield from self._answered()
        yield from self._engine()
        yield from self._held()

    def _answered(self) -> Iterator[Metric]:
        tally = self._tally
        codes = [((code,), count) for code, count in tally.codes.items()]
        yield _counts("pictures", "Answers given; code is ok or the error's", ("code",), codes)
        by_model = ("model", "version")
        models = tally.models.items()
        yield _counts("model_pictures", "Answers without error, by model", by_model, models)
        hits = [((), tally.remembered)]
        yield _counts("cache_hits", "Pictures whose labels were remembered", (), hits)
        stages = HistogramMetricFamily(
            f"{PREFIX}_stage_seconds", "How long a stage of a picture took", labels=["stage"]
        )
        for stage, buckets in tally.stages.items():
            stages.add_metric([stage], buckets.cumulative(), buckets.sum)
        yield stages

    def _engine(self) -> Iterator[Metric]:
        lanes = self._lanes
        yield _histogram("batch_pictures", "Pictures of one batch of the engine", lanes.sizes)
        busy = [((), lanes.core_seconds)]
        yield _counts("engine_core_seconds", "Seconds of a core that batches took", (), busy)
        yield _level("engine_cores", "Cores that the engine may use", self._cores())

    def _held(self) -> Iterator[Metric]:
        shift = self._shift
        yield _level("jobs", "Jobs in hand that are not answered yet", shift.busy)
        yield _level("jobs_limit", "Jobs that may be in hand at once", shift.most)
        yield _level("draining", "1 once it takes no more", bool(shift.draining))
        pace = self._tally.pace.per_second() or 0.0
        yield _level(
            "pace_pictures_per_second", "Pictures a second at full load; 0 until known", pace
        )
        yield _level("info", "1; which worker this is", 1, {"worker": self._worker})


def _counts(
    name: str, about: str, labels: Iterable[str], counts: Iterable[tuple[Sequence[str], float]]
) -> Metric:
    family = CounterMetricFamily(f"{PREFIX}_{name}", about, labels=list(labels))
    for values, count in counts:
        family.add_metric(values, count)
    return family


def _histogram(name: str, about: str, buckets: Buckets) -> Metric:
    return HistogramMetricFamily(
        f"{PREFIX}_{name}", about, buckets.cumulative(), sum_value=buckets.sum
    )


def _level(name: str, about: str, value: float, labels: Mapping[str, str] | None = None) -> Metric:
    told = labels or {}
    family = GaugeMetricFamily(f"{PREFIX}_{name}", about, labels=list(told))
    family.add_metric(list(told.values()), float(value))
    return family
