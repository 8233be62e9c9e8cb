"""Figures put to CloudWatch, a minute of them in one call.

Twenty-five metrics cost 0.30 $ each a month, 7.50 $, and so does each code of an error for the hours in which
it occurs. Calls cost 0.01 $ per thousand: one a minute is 0.43 $ a month, one every 5 s would be 5.18 $, and
the metrics' own resolution is a minute anyway (us-east-1 list prices as remembered in the design). Only the
leader has figures: none at all means that nobody leads.
"""

import asyncio
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from botocore.exceptions import ClientError

from balancer.metrics import Figure
from balancer.ticks import ticks
from wire import log
from wire.aws import Aws
from wire.errors import QueueUnavailable
from wire.figures import CODE, DEPLOYMENT, NAMESPACE

_log = log.get(__name__)

PERIOD = 60.0
MOST_VALUES = 150  # of one metric in one call


class CloudWatchMetrics:
    """Satisfies `balancer.metrics.Metrics`; what cannot be put is given up after a while."""

    def __init__(self, aws: Aws, deployment: str, period: float = PERIOD) -> None:
        self._aws = aws
        self._put: Callable[..., Any] = aws.client("cloudwatch").put_metric_data
        self._dimensions = [{"Name": DEPLOYMENT, "Value": deployment}]
        self._period = period
        self._gathered: dict[tuple[str, str | None], tuple[str, Counter[float]]] = {}

    def record(self, figures: list[Figure]) -> None:
        for figure in figures:
            name = (figure.name, figure.code)
            _, values = self._gathered.setdefault(name, (figure.unit, Counter()))
            if figure.value in values or len(values) < MOST_VALUES:
                values[figure.value] += figure.times

    async def run(self, stop: asyncio.Event) -> None:
        """Put once a period until `stop`, and what is left then."""
        async for _ in ticks(self._period, stop):
            await self.put()
        await self.put()

    async def put(self) -> None:
        """One call. An outage is told and costs this minute's figures, nothing else."""
        gathered, self._gathered = self._gathered, {}
        if not gathered:
            return
        data = [self._datum(*name, unit, values) for name, (unit, values) in gathered.items()]
        try:
            await self._aws.call(self._put, Namespace=NAMESPACE, MetricData=data)
        except (QueueUnavailable, ClientError) as error:
            _log.warning("metrics not put", fault=repr(error.__cause__ or error))

    def _datum(
        self, name: str, code: str | None, unit: str, values: Counter[float]
    ) -> dict[str, object]:
        apart = [] if code is None else [{"Name": CODE, "Value": code}]
        return {
            "MetricName": name,
            "Dimensions": [*self._dimensions, *apart],
            "Timestamp": datetime.now(UTC),
            "Values": list(values),
            "Counts": [float(count) for count in values.values()],
            "Unit": unit,
        }
