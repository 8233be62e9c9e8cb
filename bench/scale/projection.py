"""What was measured on one machine, drawn out to fleets of instances: quotas met, dollars spent. Pure.

Assumes that workers do not slow each other down: they share queues and store alone, both of which AWS
scales, and what they call for per picture does not depend on how many they are. That throughput and calls
per picture do not depend on the backlog is what `bench.scale.depth` measures. That an instance of the type
in `aws.json` is as fast as the cores that were measured is taken on trust.
"""

import json
import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from wire.prices import listed

FILE = Path(__file__).with_name("aws.json")
MILLION = 1e6
HOUR = 3600.0


@dataclass(frozen=True, slots=True)
class Measured:
    """Of one worker on `cores`; calls and puts for each picture; `held`: messages it holds at most.

    `front_end_ms` is the front end's CPU for a picture.
    """

    per_second: float
    sqs_calls: float
    puts: float
    front_end_ms: float
    cores: int
    held: int


@dataclass(frozen=True, slots=True)
class Quotas:
    """The values of `aws.json`, by its names, and prices of the list, in dollars."""

    instance_type: str
    instance_vcpus: int
    instance_hour: float
    spot_share: float
    sqs_million_calls: float
    s3_million_puts: float
    sqs_in_flight: int
    s3_puts_a_second: float
    ec2_vcpus: int
    ec2_launch_bucket: int
    ec2_launches_a_second: float

    @classmethod
    def read(cls, path: Path = FILE) -> "Quotas":
        """From a file laid out as `aws.json` is; KeyError or TypeError where it is not."""
        values: Mapping[str, Any] = json.loads(path.read_text(encoding="utf-8"))["values"]
        said = {name: each["value"] for name, each in values.items()}
        prices = listed()
        return cls(
            instance_hour=prices.instances[said["instance_type"]],
            spot_share=prices["spot_share"],
            sqs_million_calls=prices["sqs_million_calls"],
            s3_million_puts=prices["s3_million_puts"],
            **said,
        )


@dataclass(frozen=True, slots=True)
class Fleet:
    """So many instances. Shares are of AWS's quotas, over 1 where they must be raised or gone around.

    `launch_seconds`: until the last of them may be launched, from none, by RunInstances' throttling alone.
    `front_end_cores` is what the front ends of all replicas need; the dollars are for a million pictures.
    """

    instances: int
    per_second: float
    sqs_calls: float
    in_flight: int
    in_flight_share: float
    puts: float
    puts_share: float
    vcpus: int
    vcpus_share: float
    launch_seconds: float
    front_end_cores: float
    workers_dollars: float
    spot_dollars: float
    sqs_dollars: float
    s3_dollars: float

    def as_json(self) -> dict[str, object]:
        """Its figures."""
        return asdict(self)


def projected(measured: Measured, quotas: Quotas, instances: int) -> Fleet:
    """A worker on each instance, always busy.

    Records have the hour as their prefix, so that the puts of all workers meet one prefix's limit.
    """
    share = quotas.instance_vcpus / measured.cores
    per_second = instances * measured.per_second * share
    vcpus = instances * quotas.instance_vcpus
    puts, in_flight = per_second * measured.puts, instances * measured.held
    workers = instances * quotas.instance_hour / HOUR / per_second * MILLION
    beyond = max(0, instances - quotas.ec2_launch_bucket)
    return Fleet(
        instances=instances,
        per_second=per_second,
        sqs_calls=per_second * measured.sqs_calls,
        in_flight=in_flight,
        in_flight_share=in_flight / quotas.sqs_in_flight,
        puts=puts,
        puts_share=puts / quotas.s3_puts_a_second,
        vcpus=vcpus,
        vcpus_share=vcpus / quotas.ec2_vcpus,
        launch_seconds=math.ceil(beyond / quotas.ec2_launches_a_second),
        front_end_cores=per_second * measured.front_end_ms / 1000,
        workers_dollars=workers,
        spot_dollars=workers * quotas.spot_share,
        sqs_dollars=measured.sqs_calls * quotas.sqs_million_calls,
        s3_dollars=measured.puts * quotas.s3_million_puts,
    )
