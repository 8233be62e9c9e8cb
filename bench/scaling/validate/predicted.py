"""Asks `classifycloud simulate` what would come of the same arrivals.

Boots differ, and a boot that ends before or after a tick sends the fleet another way: what is to be
expected is the mean of several runs, whose boots differ as the measured ones did.
"""

import json
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from bench.live.service import COMMAND
from bench.scaling.validate.measured import World
from bench.scaling.validate.outcome import Look, Outcome, mean

SEEDS = 20


def predict(arrivals: Path, world: World, options: Mapping[str, object]) -> Outcome:
    """Run the simulator some times, and take the mean.

    Args:
        arrivals: file of seconds.
        world: boot and service time.
        options: everything else, by the simulator's own option names.

    Raises:
        CalledProcessError: it refused.
    """
    given = {
        **options,
        "trace": arrivals,
        "boot": round(world.boot_seconds, 3),
        "boot-jitter": round(world.boot_jitter, 3),
        "service-time": round(world.service_seconds, 4),
    }
    return mean([_run({**given, "seed": seed}) for seed in range(SEEDS)])


def _run(options: Mapping[str, object]) -> Outcome:
    arguments = [f"--{name}={value}" for name, value in options.items()]
    run = subprocess.run(
        [str(COMMAND), "simulate", "--json", "--series", *arguments],
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return read(json.loads(run.stdout))


def read(found: Mapping[str, Any]) -> Outcome:
    """One line of the simulator's JSON."""
    series = found["series"]
    looks = zip(series["at"], series["workers"], series["backlog"], strict=True)
    return Outcome(
        wait_mean=found["wait_mean"],
        wait_p50=found["wait_p50"],
        wait_p95=found["wait_p95"],
        wait_p99=found["wait_p99"],
        workers=found["worker_seconds"] / found["duration"],
        worker_seconds=found["worker_seconds"],
        launches=found["launches"],
        seconds=found["duration"],
        looks=[Look(*look) for look in looks],
    )
