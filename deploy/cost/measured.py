"""What a picture takes, measured on one machine: `measured.json`, with the command behind each figure."""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

FILE = Path(__file__).with_name("measured.json")
LARGE = 4.0  # c7a.large: as many as the large worker was that calls were counted of


class Calls(NamedTuple):
    """Of a service that is asked so often: calls to SQS for a picture, by all its processes."""

    a_second: float
    sqs_calls: float


class QueueCpu(NamedTuple):
    """Of a service that is asked so often: milliseconds of CPU that its own queue takes for a picture."""

    a_second: float
    ms: float


class Puts(NamedTuple):
    """Of one worker that is asked so often: records put for a picture."""

    a_second: float
    puts: float


class Standing(NamedTuple):
    """What one process calls for in an hour whether anybody asks or not."""

    sqs_calls: float
    puts: float
    gets: float


@dataclass(frozen=True)
class Work:
    """The figures of `measured.json`; bytes are those on the wire, out of the instance."""

    worker_a_second: float
    host_share: float
    relative: Mapping[str, float]
    cores: Mapping[str, float]
    front_end_ms: float
    calls: Sequence[Calls]
    calls_of_large: Sequence[Calls]
    queue_cpu: Sequence[QueueCpu]
    puts: Sequence[Puts]
    worker: Standing
    front_end: Standing
    balancer: Standing
    answer_bytes: float
    fetch_bytes: float
    request_bytes: float
    record_bytes: float
    log_line_bytes: float
    log_lines_an_hour: float
    tick_bytes: float

    def a_second(self, kind: str) -> float:
        """Pictures that a worker on an instance of this type classifies: measured, or by its vCPUs, and
        assumed for other processors than the measured one's."""
        return self.worker_a_second * self.relative.get(kind, 1.0)

    def ms_on(self, kind: str) -> float:
        """CPU of the front end for a picture, on an instance of this type."""
        return self.front_end_ms / self.cores.get(kind.partition(".")[0], 1.0)

    def calls_at(self, a_second: float, kind: str) -> float:
        """Calls to SQS for a picture of a service that has so many a second, by workers of this type."""
        large = (
            self.relative.get(kind, 1.0) >= LARGE and a_second >= self.calls_of_large[0].a_second
        )
        return between(self.calls_of_large if large else self.calls, a_second)

    def queue_ms_at(self, a_second: float) -> float:
        """Milliseconds of CPU that a queue on the service's own host takes for a picture."""
        return between(self.queue_cpu, a_second)

    def puts_at(self, a_second: float) -> float:
        """Records put for a picture by a worker that has so many a second."""
        return between(self.puts, a_second)


def between(rows: Sequence[tuple[float, float]], at: float) -> float:
    """Between the two measurements beside it, by the logarithm of the rate; the nearest beyond the last."""
    if at <= rows[0][0]:
        return rows[0][1]
    for low, high in pairwise(rows):
        if at <= high[0]:
            part = math.log(at / low[0]) / math.log(high[0] / low[0])
            return low[1] + part * (high[1] - low[1])
    return rows[-1][1]


@cache
def measured() -> Work:
    """As it comes with the package."""
    said = json.loads(FILE.read_text(encoding="utf-8"))
    values = {name: each["value"] for name, each in said["values"].items()}
    hourly = said["standing"]["an_hour"]
    return Work(
        relative=said["relative"]["of_c7a_large"],
        cores=said["relative"]["core_of_c7a"],
        calls=[Calls(*row) for row in said["calls"]["rows"]],
        calls_of_large=[Calls(*row) for row in said["calls_of_large"]["rows"]],
        queue_cpu=[QueueCpu(*row) for row in said["queue_cpu"]["rows"]],
        puts=[Puts(*row) for row in said["puts"]["rows"]],
        worker=Standing(**hourly["worker"]),
        front_end=Standing(**hourly["front_end"]),
        balancer=Standing(**hourly["balancer"]),
        **values,
    )
