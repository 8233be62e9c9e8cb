"""The same figures for whoever scrapes this machine: http://127.0.0.1:<metrics port>/metrics."""

import re

from prometheus_client import CollectorRegistry, Counter, Gauge, start_http_server

from balancer.metrics import Figure


class PrometheusMetrics:
    """Satisfies `balancer.metrics.Metrics`. `WorkersBusy` is classifycloud_workers_busy there."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self._counters: dict[str, Counter] = {}
        self._gauges: dict[str, Gauge] = {}

    def serve(self, port: int) -> None:
        """Listen on loopback.

        Raises:
            OSError: the port is taken.
        """
        start_http_server(port, addr="127.0.0.1", registry=self._registry)

    def record(self, figures: list[Figure]) -> None:
        for figure in figures:
            if figure.counts:
                self._counter(figure.name).inc(figure.value)
            else:
                self._gauge(figure.name).set(figure.value)

    def _counter(self, name: str) -> Counter:
        if name not in self._counters:
            self._counters[name] = Counter(_snake(name), name, registry=self._registry)
        return self._counters[name]

    def _gauge(self, name: str) -> Gauge:
        if name not in self._gauges:
            self._gauges[name] = Gauge(_snake(name), name, registry=self._registry)
        return self._gauges[name]


def _snake(name: str) -> str:
    return "classifycloud_" + re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()
