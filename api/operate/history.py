"""Further back than ticks are shown: the balancer's figures out of CloudWatch, a value a minute or fewer.

What was put there is read from there, on AWS and on one machine alike. A look costs 0.01 $ per thousand
metrics (us-east-1 list price as remembered in the design): some 0.02 cents, once a minute while somebody
looks.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from botocore.exceptions import ClientError

from wire import latency
from wire.aws import Aws
from wire.errors import QueueUnavailable
from wire.figures import CODE, DEPLOYMENT, NAMESPACE, PERIOD

MOST_CODES = 20
# The page's name, the figure's, and what of its values in a period is shown.
SERIES = (
    ("arrived", "Arrivals", "Sum"),
    ("served", "Served", "Sum"),
    ("answers", "Answers", "Sum"),
    ("errors", "Errors", "Sum"),
    ("queued", "QueueDepth", "Maximum"),
    ("inFlight", "InFlight", "Maximum"),
    ("oldest", "OldestWait", "Maximum"),
    ("busy", "WorkersBusy", "Average"),
    ("idle", "WorkersIdle", "Average"),
    ("launching", "WorkersLaunching", "Average"),
    ("draining", "WorkersDraining", "Average"),
    ("desired", "WorkersDesired", "Average"),
    ("hourly", "HourlyCost", "Average"),
    ("perThousand", "CostPerThousand", "Average"),
    *((f"p{100 * share:g}", "Latency", f"p{100 * share:g}") for share in latency.SHARES),
)


@dataclass(frozen=True, slots=True)
class Window:
    """How far back, and seconds of one value."""

    seconds: int
    period: int


WINDOWS = {"3h": Window(3 * 3600, PERIOD), "24h": Window(24 * 3600, 5 * PERIOD)}


class History:
    """Reads windows. The client is made by the first look: it takes a tenth of a second."""

    def __init__(self, aws: Aws, deployment: str) -> None:
        self._aws = aws
        self._dimensions = [{"Name": DEPLOYMENT, "Value": deployment}]
        self._client: Any = None

    async def read(self, name: str) -> dict[str, Any]:
        """One of `WINDOWS`: times since the epoch, and for each series as many values; None is not known.

        Raises:
            QueueUnavailable: CloudWatch cannot be reached, or refuses.
        """
        window = WINDOWS[name]
        try:
            found = await self._aws.call(lambda: self._read(window))
        except ClientError as error:
            raise QueueUnavailable from error
        return {"window": name, "period": window.period} | found

    def _read(self, window: Window) -> dict[str, Any]:
        if self._client is None:
            self._client = self._aws.client("cloudwatch")
        now = datetime.now(UTC)
        # Of whole periods, as CloudWatch has them.
        last = int(now.timestamp()) // window.period * window.period
        first = last - window.seconds
        codes = self._codes()
        wanted = [*SERIES, *((f"code {code}", "Errors", "Sum") for code in codes)]
        queries = [self._query(number, window.period, *each) for number, each in enumerate(wanted)]
        found = self._values(queries, first, last + window.period)
        at = list(range(first, last + 1, window.period))
        lines = {
            name: [found[f"m{number}"].get(time) for time in at]
            for number, (name, _, _) in enumerate(wanted)
        }
        by_code = {code: lines.pop(f"code {code}") for code in codes}
        return {"at": at, "series": lines, "codes": by_code}

    def _query(self, number: int, period: int, name: str, figure: str, stat: str) -> dict[str, Any]:
        code = name.removeprefix("code ") if name.startswith("code ") else None
        apart = [] if code is None else [{"Name": CODE, "Value": code}]
        metric = {
            "Namespace": NAMESPACE,
            "MetricName": figure,
            "Dimensions": [*self._dimensions, *apart],
        }
        return {
            "Id": f"m{number}",
            "MetricStat": {"Metric": metric, "Period": period, "Stat": stat},
        }

    def _values(
        self, queries: list[dict[str, Any]], first: int, end: int
    ) -> dict[str, dict[int, float]]:
        pages = self._client.get_paginator("get_metric_data").paginate(
            MetricDataQueries=queries,
            StartTime=datetime.fromtimestamp(first, UTC),
            EndTime=datetime.fromtimestamp(end, UTC),
        )
        found: dict[str, dict[int, float]] = {each["Id"]: {} for each in queries}
        for page in pages:
            for row in page["MetricDataResults"]:
                times = (int(each.timestamp()) for each in row["Timestamps"])
                found[row["Id"]].update(zip(times, row["Values"], strict=True))
        return found

    def _codes(self) -> list[str]:
        listed = self._client.list_metrics(
            Namespace=NAMESPACE,
            MetricName="Errors",
            Dimensions=[*self._dimensions, {"Name": CODE}],
        )
        named = (
            each["Value"]
            for metric in listed["Metrics"]
            for each in metric["Dimensions"]
            if each["Name"] == CODE
        )
        return sorted(set(named))[:MOST_CODES]


class Nothing:
    """Where there are no figures."""

    async def read(self, name: str) -> dict[str, Any]:
        raise QueueUnavailable(name)


NOTHING = Nothing()
