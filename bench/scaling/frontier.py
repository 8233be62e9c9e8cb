"""What waiting costs: each policy's wait and bill, and what a sweep of the target wait makes of ours.

Options after -- go to `classifycloud simulate`. The second half-hour of the traces, after the first was seen:
    python -m bench.scaling.frontier azure_llm_code.csv azure_llm_conv.csv
What the defaults were chosen by, the first half-hour and generated traffic:
    python -m bench.scaling.frontier azure_llm_code.csv azure_llm_conv.csv -- --to 1800 --warm-up 0
    python -m bench.scaling.frontier flash on-off diurnal poisson -- --rate 5 --warm-up 600
The same at 15 ms a picture, sped up, and repeated so that it is an hour again:
    python -m bench.scaling.frontier azure_llm_code.csv azure_llm_conv.csv -- \\
        --service-time 0.015 --speed 60 --repeat 60 --max-workers 1000

A policy dominates another with at most half its p99 wait at its cost or less, or with at most 70 % of its
cost at its p99 wait or less.
"""

import argparse
import json
import subprocess
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

COMMAND = Path(sys.executable).with_name("classifycloud")
OURS = ("forecast", "wait-time")
RIVALS = ("criterion", "keda", "target-tracking", "cortex")
TARGETS = (1.0, 2.0, 3.0, 5.0, 8.0, 12.0, 20.0)  # seconds
FIXED = (5, 6, 7, 8, 9, 10, 12, 14, 19)
BOOTS = ("45", "10", "1")


@dataclass(frozen=True, slots=True)
class Run:
    """One simulation: p99 wait in seconds, billed worker-hours, changes of direction."""

    policy: str
    trace: str
    boot: float
    wait: float
    hours: float
    turns: int

    def dominates(self, other: "Run") -> bool:
        halved = self.wait <= other.wait / 2 and self.hours <= other.hours
        return halved or (self.wait <= other.wait and self.hours <= 0.7 * other.hours)

    def __str__(self) -> str:
        return f"{self.wait:.1f} s, {self.hours:.2f} h"


def simulated(policies: Iterable[str], args: argparse.Namespace, *more: str) -> list[Run]:
    """Each policy with each trace and boot time; `more` options come last and so win."""
    named = [part for name in policies for part in ("--policy", name)]
    traces = [part for name in args.traces for part in ("--trace", name)]
    boots = [part for boot in BOOTS for part in ("--boot", boot)]
    command = [str(COMMAND), "simulate", "--json", *named, *traces, *boots, *args.options, *more]
    lines = subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()
    return [
        Run(
            found["policy"],
            found["trace"],
            found["boot"],
            found["wait_p99"],
            found["worker_hours"],
            found["direction_changes"],
        )
        for found in map(json.loads, lines)
    ]


def cells(runs: Sequence[Run]) -> list[tuple[str, float]]:
    return list(dict.fromkeys((run.trace, run.boot) for run in runs))


def row(title: str, texts: Iterable[str]) -> str:
    return f"| {title} | {' | '.join(texts)} |"


def head(runs: Sequence[Run]) -> str:
    names = [f"{trace}, boot {boot:g} s" for trace, boot in cells(runs)]
    return row("p99 wait, worker-hours", names) + "\n" + "|---" * (len(names) + 1) + "|"


def beside(runs: Sequence[Run], swept: Sequence[tuple[float, Run]]) -> None:
    """Every policy as it is, and whom ours dominate: with the defaults, or with some target wait."""
    print(head(runs))
    for name in dict.fromkeys(run.policy for run in runs):
        print(row(f"`{name}`", (f"{run}, {run.turns}" for run in runs if run.policy == name)))
    for rival in RIVALS:
        verdicts = []
        for cell in cells(runs):
            here = [run for run in runs if (run.trace, run.boot) == cell]
            other = next(run for run in here if run.policy == rival)
            winners = [run.policy for run in here if run.policy in OURS and run.dominates(other)]
            targets = [
                f"at T {target:g}"
                for target, run in swept
                if (run.trace, run.boot) == cell and run.dominates(other)
            ]
            verdicts.append(", ".join(winners or targets) or "no")
        print(row(f"dominates `{rival}`", verdicts))


def swept(args: argparse.Namespace) -> list[tuple[float, Run]]:
    """The forecast with each target wait."""
    return [
        (target, run)
        for target in TARGETS
        for run in simulated(["forecast"], args, "--target-wait", str(target))
    ]


def fixed(args: argparse.Namespace) -> None:
    """Fleets that never change, the number chosen by who knows how it ends."""
    for count in FIXED:
        runs = simulated(["always-max"], args, "--max-workers", str(count))
        print(row(f"{count} workers", map(str, runs)))


def options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "traces", nargs="+", help="files of arrival seconds, or generated ones by name"
    )
    given = sys.argv[1:]
    end = given.index("--") if "--" in given else len(given)
    args = parser.parse_args(given[:end])
    args.options = ["--warm-up", "1800", *given[end + 1 :]]
    return args


def main() -> None:
    args = options()
    runs, sweep = simulated((*OURS, *RIVALS), args), swept(args)
    print("With defaults; the third figure is how often launching and draining turned.\n")
    beside(runs, sweep)
    print("\n`forecast` by target wait.\n")
    print(head(runs))
    for target in TARGETS:
        print(row(f"{target:g} s", (str(run) for each, run in sweep if each == target)))
    print("\nFixed fleets.\n")
    print(head(runs))
    fixed(args)


if __name__ == "__main__":
    main()
