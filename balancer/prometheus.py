"""The same figures for whoever scrapes this machine: http://127.0.0.1:<metrics port>/metrics.

By Prometheus' rules for names: the process first, the unit last, `_total` where it only grows.
"""

import re

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    disable_created_metrics,
    start_http_server,
)
from prometheus_client.process_collector import ProcessCollector

from balancer.metrics import Figure

PREFIX = "classifycloud_balancer"
UNITS = {"Seconds": "_seconds", "None": "_dollars"}  # CloudWatch's, which has none for money
ABOUT = {
    "QueueDepth": "Messages of the requests queue that wait",
    "InFlight": "Messages of the requests queue that workers hold",
    "Workers": "Workers that live or are launched, without those that go",
    "WorkersLaunching": "Workers that are launched and not ready yet",
    "WorkersBusy": "Workers that work",
    "WorkersIdle": "Workers that are ready and have nothing to do",
    "WorkersDraining": "Workers that finish what they hold and go",
    "WorkersDesired": "Workers that the policy wants",
    "Launches": "Workers that were launched",
    "LaunchFailures": "Workers that were asked for and did not come",
    "Terminates": "Workers that were asked to go",
    "BootsOverdue": "Workers that were given up because they did not get ready in time",
    "Served": "Pictures that workers have answered with labels or features",
    "Arrivals": "Jobs that were put into the requests queue",
    "OldestWait": "How long the oldest message or request has waited",
    "BootSeconds": "From a launch to a worker that is ready, as measured",
    "KeysAge": "Since the replica that is worst off last read the API keys",
    "WorkersCriterion": "Workers that the policy criterion would have",
    "DeadLetters": "Messages of the dead-letter queue",
    "HourlyCost": "What the workers cost an hour",
    "CostPerThousand": "What a thousand pictures cost, of the last five minutes",
}
# What the front end's replicas show themselves, with more to it.
ELSEWHERE = {"Answers", "Errors", "Failures", "Latency"}


class PrometheusMetrics:
    """Satisfies `balancer.metrics.Metrics`. `WorkersBusy` is classifycloud_balancer_workers_busy there."""

    def __init__(self) -> None:
        disable_created_metrics()  # type: ignore[no-untyped-call]
        self._registry = CollectorRegistry()
        ProcessCollector(registry=self._registry)
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
            if figure.name in ELSEWHERE:
                continue
            if figure.counts:
                self._counter(figure).inc(figure.value)
            else:
                self._gauge(figure).set(figure.value)

    def _counter(self, figure: Figure) -> Counter:
        if figure.name not in self._counters:
            name, about = named(figure), ABOUT.get(figure.name, figure.name)
            self._counters[figure.name] = Counter(name, about, registry=self._registry)
        return self._counters[figure.name]

    def _gauge(self, figure: Figure) -> Gauge:
        if figure.name not in self._gauges:
            name, about = named(figure), ABOUT.get(figure.name, figure.name)
            self._gauges[figure.name] = Gauge(name, about, registry=self._registry)
        return self._gauges[figure.name]


def named(figure: Figure) -> str:
    """The figure's name here, without the `_total` of what only grows."""
    unit = UNITS.get(figure.unit, "")
    bare = re.sub(r"(?<!^)(?=[A-Z])", "_", figure.name).lower().removesuffix(unit)
    return f"{PREFIX}_{bare}{unit}"
