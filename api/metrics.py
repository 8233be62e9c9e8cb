"""What /metrics tells. Each replica has its own registry, so that two can live in one process."""

import time
from collections.abc import Callable, Iterator, Mapping
from typing import Literal

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    disable_created_metrics,
    generate_latest,
)
from prometheus_client.core import CounterMetricFamily, Metric
from prometheus_client.process_collector import ProcessCollector
from prometheus_client.registry import Collector

from api.tally import Tally
from wire.errors import ServiceError

# Each series' time of birth doubles the page and serves nothing here.
disable_created_metrics()  # type: ignore[no-untyped-call]

PREFIX = "classifycloud_api"
SECONDS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120)


class Metrics:
    """The counters of one replica."""

    def __init__(self, clock: Callable[[], float] = time.perf_counter) -> None:
        self.clock = clock
        self.tally = Tally()
        self._registry = registry = CollectorRegistry()
        ProcessCollector(registry=registry)
        self._requests = Counter(
            f"{PREFIX}_requests",
            "Requests answered; code is ok or the error's",
            ("route", "status", "code"),
            registry=registry,
        )
        self._seconds = Histogram(
            f"{PREFIX}_request_seconds",
            "From a request's first byte to the end of its answer",
            ("route",),
            buckets=SECONDS,
            registry=registry,
        )
        self._kinds: dict[tuple[str, int, str], tuple[Counter, Histogram]] = {}
        self._answers = Counter(
            f"{PREFIX}_answers",
            "Messages of the response queue, by what became of them: "
            "answered, late, expired, duplicate, unknown, undecodable",
            ("outcome",),
            registry=registry,
        )
        self._repeats = Counter(
            f"{PREFIX}_repeats",
            "Requests that needed no job of their own: remembered answers, shared jobs",
            ("kind",),
            registry=registry,
        )
        self._pending = Gauge(f"{PREFIX}_pending", "Requests that wait", registry=registry)
        self._oldest = Gauge(
            f"{PREFIX}_oldest_pending_seconds",
            "How long the first of those that wait has waited; 0 when none does",
            registry=registry,
        )

        self._keys_age = Gauge(
            f"{PREFIX}_keys_age_seconds",
            "Since the keys were last read: a key that was revoked later may still open",
            registry=registry,
        )
        self._replicas = Gauge(
            f"{PREFIX}_replicas", "Replicas among which limits are shared", registry=registry
        )

    def watch(self, pending: Callable[[], int], oldest: Callable[[], float | None]) -> None:
        """Read these whenever somebody asks."""
        self._pending.set_function(pending)
        self._oldest.set_function(lambda: oldest() or 0.0)

    def watch_access(self, keys_age: Callable[[], float], replicas: Callable[[], int]) -> None:
        """The same of what access goes by."""
        self._keys_age.set_function(keys_age)
        self._replicas.set_function(replicas)

    def watch_durable(
        self, messages: Mapping[str, Mapping[str, int]], webhooks: Mapping[str, int]
    ) -> None:
        """The same of the queues that all replicas share: what became of their messages, by queue; and of
        tries to deliver webhooks."""
        self._registry.register(_Durable(messages, webhooks))

    def request(self, route: str, status: int, code: str, seconds: float) -> None:
        """One request has been answered."""
        kind = (route, status, code)
        if kind not in self._kinds:
            # Looked up once: the library does so by checking and locking.
            counter = self._requests.labels(route, str(status), code)
            self._kinds[kind] = (counter, self._seconds.labels(route))
        requests, times = self._kinds[kind]
        requests.inc()
        times.observe(seconds)
        self.tally.add(route, code, seconds)

    def refuse(self, error: ServiceError) -> None:
        """A request was refused before it had a route."""
        self._requests.labels("none", str(error.status), error.code).inc()

    def answer(self, outcome: str) -> None:
        """One message of the response queue is dealt with."""
        self._answers.labels(outcome).inc()

    def repeat(self, kind: Literal["remembered", "shared"]) -> None:
        """One request needed no job of its own."""
        self._repeats.labels(kind).inc()

    def text(self) -> bytes:
        """All of it in Prometheus' own format."""
        return generate_latest(self._registry)


class _Durable(Collector):
    """Counts that others keep, read whenever somebody asks."""

    def __init__(
        self, messages: Mapping[str, Mapping[str, int]], webhooks: Mapping[str, int]
    ) -> None:
        self._messages = messages
        self._webhooks = webhooks

    def collect(self) -> Iterator[Metric]:
        tries = CounterMetricFamily(
            f"{PREFIX}_webhooks",
            "Tries to deliver a webhook, by what came of them: "
            "delivered, failed, refused, gone, given_up",
            labels=["outcome"],
        )
        for outcome, count in self._webhooks.items():
            tries.add_metric([outcome], count)
        yield tries
        family = CounterMetricFamily(
            f"{PREFIX}_durable_messages",
            "Messages of the queues that all replicas share, by what became of them: "
            "done, later, unusable, failed",
            labels=["queue", "outcome"],
        )
        for queue, outcomes in self._messages.items():
            for outcome, count in outcomes.items():
                family.add_metric([queue, outcome], count)
        yield family
