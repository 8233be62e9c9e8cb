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
cost at its p99 wait or less. Each rival is run with each queue length, too: messages per worker for the
criterion, KEDA and Cortex (whose own default is 1 at one message at a time), the acceptable wait for
target tracking.
"""

import argparse
import json
import subprocess
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from bench.scaling.dominance import dominates
from bench.scaling.judged import Run, by_us, cells, of_us

COMMAND = Path(sys.executable).with_name("classifycloud")
OURS = ("forecast", "wait-time")
RIVALS = ("criterion", "keda", "target-tracking", "cortex")
COUNTING = ("criterion", "keda", "cortex")  # these scale by QOS
LENGTHS = (1, 2, 3, 4, 5)
TARGETS = (1.0, 2.0, 3.0, 5.0, 8.0, 12.0, 20.0)  # seconds
FIXED = (5, 6, 7, 8, 9, 10, 12, 14, 19)
BOOTS = ("45", "10", "1")


def simulated(
    policies: Iterable[str], args: argparse.Namespace, *more: str, setting: str = ""
) -> list[Run]:
    """Each policy with each trace and boot time; `more` options come last and so win."""
    named = [part for name in policies for part in ("--policy", name)]
    traces = [part for name in args.traces for part in ("--trace", name)]
    boots = [part for boot in BOOTS for part in ("--boot", boot)]
    command = [str(COMMAND), "simulate", "--json", *named, *traces, *boots, *args.options, *more]
    lines = subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()
    return [_run(json.loads(line), setting) for line in lines]


def _run(found: dict[str, Any], setting: str) -> Run:
    return Run(
        found["policy"],
        found["trace"],
        found["boot"],
        found["wait_p99"],
        found["worker_hours"],
        found["cost"],
        found["direction_changes"],
        setting,
    )


def row(title: str, texts: Iterable[str]) -> str:
    return f"| {title} | {' | '.join(texts)} |"


def head(runs: Sequence[Run]) -> str:
    names = [f"{trace}, boot {boot:g} s" for trace, boot in cells(runs)]
    return row("p99 wait, worker-hours", names) + "\n" + "|---" * (len(names) + 1) + "|"


def beside(runs: Sequence[Run], targets: Sequence[Run]) -> None:
    """Every policy as it is, and whom ours dominate: with the defaults, or with some target wait."""
    print(head(runs))
    for name in dict.fromkeys(run.policy for run in runs):
        print(row(f"`{name}`", (f"{run}, {run.turns}" for run in runs if run.policy == name)))
    for rival in RIVALS:
        others = [run for run in runs if run.policy == rival]
        verdicts = [_winners(other, runs) or _winners(other, targets) or "no" for other in others]
        print(row(f"dominates `{rival}`", verdicts))


def _winners(other: Run, runs: Sequence[Run]) -> str:
    return ", ".join(
        run.setting or run.policy
        for run in runs
        if run.policy in OURS and run.cell == other.cell and dominates(run, other)
    )


def queued(runs: Sequence[Run], targets: Sequence[Run], lengths: Sequence[Run]) -> None:
    """The rivals by queue length, and how ours fare against every one of these."""
    print(head(lengths))
    for name in RIVALS:
        for setting in dict.fromkeys(run.setting for run in lengths):
            chosen = [run for run in lengths if (run.policy, run.setting) == (name, setting)]
            print(row(f"`{name}`, {setting}", map(str, chosen)))
    ours = [run for run in runs if run.policy in OURS]
    for name in RIVALS:
        rivals = [run for run in lengths if run.policy == name]
        print(row(f"dominates `{name}` at", by_us(ours, rivals)))
        print(row("the same, with the best target wait", by_us([*ours, *targets], rivals)))
        for each in OURS:
            mine = [run for run in ours if run.policy == each]
            print(row(f"`{each}` is dominated by `{name}` at", of_us(mine, rivals)))


def swept(args: argparse.Namespace) -> list[Run]:
    """The forecast with each target wait."""
    return [
        run
        for target in TARGETS
        for run in simulated(
            ["forecast"], args, "--target-wait", str(target), setting=f"T = {target:g} s"
        )
    ]


def by_length(args: argparse.Namespace) -> list[Run]:
    """The rivals with each queue length."""
    return [
        run
        for length in map(str, LENGTHS)
        for names, option in ((COUNTING, "--qos"), (("target-tracking",), "--target-wait"))
        for run in simulated(names, args, option, length, setting=length)
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
    for target in dict.fromkeys(run.setting for run in sweep):
        print(row(target, (str(run) for run in sweep if run.setting == target)))
    print("\nThe rivals by queue length; of it ours dominate all, or all but those named.\n")
    queued(runs, sweep, by_length(args))
    print("\nFixed fleets.\n")
    print(head(runs))
    fixed(args)


if __name__ == "__main__":
    main()
