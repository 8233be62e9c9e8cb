"""Asks `classifycloud simulate`: one process for all policies and boot times on one traffic."""

import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.scaling.replay.setups import BOOTS, POLICIES, Setup, Traffic

COMMAND = Path(sys.executable).with_name("classifycloud")


@dataclass(frozen=True, slots=True)
class Run:
    """What came of a policy on some traffic with some boot time. Waits in seconds."""

    traffic: str
    judged: bool
    policy: str
    boot: float
    p95: float
    p99: float
    cost: float
    missed: int
    hours: float
    turns: int
    launches: int

    @property
    def wait(self) -> float:
        """What is judged."""
        return self.p99


def replayed(setup: Setup, traffic: Traffic) -> list[Run]:
    """Every policy with every boot time.

    Raises:
        CalledProcessError: the simulator refused.
    """
    given = [(name, value) for name, value in {**setup.options, **traffic.options}.items()]
    given += [("policy", policy) for policy in POLICIES]
    given += [("boot", boot) for boot in BOOTS]
    arguments = [f"--{name}={value}" for name, value in given]
    command = [str(COMMAND), "simulate", "--json", *arguments]
    told = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout
    return [_run(traffic, line) for line in told.splitlines()]


def _run(traffic: Traffic, line: str) -> Run:
    row = json.loads(line)
    return Run(
        traffic=traffic.name,
        judged=traffic.judged,
        policy=row["policy"],
        boot=row["boot"],
        p95=row["wait_p95"],
        p99=row["wait_p99"],
        cost=row["cost"],
        missed=row["deadline_misses"],
        hours=row["worker_hours"],
        turns=row["direction_changes"],
        launches=row["launches"],
    )


def find(runs: Sequence[Run], traffic: str, policy: str, boot: float) -> Run:
    """The one that was."""
    return next(
        run for run in runs if (run.traffic, run.policy, run.boot) == (traffic, policy, boot)
    )
