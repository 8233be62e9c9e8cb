"""`python -m bench.queue_depth`: what a message costs the local queue, by how many others wait.

CPU of the endpoint's process in microseconds, without groups and with a thousand: sending, receiving and
deleting ten at a time while a depth is kept, a tenth of all three calls; and one GetQueueAttributes. There
is an endpoint for each depth, they are asked by turns, and the least of some rounds counts, since what else
the machine does only ever adds. Exit 1 when a message or a count costs more than twice as much at any
depth as at a thousand.
"""

import itertools
import json
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Annotated, NamedTuple

import typer
from rich.console import Console
from rich.progress import track

from bench.contenders import OURS, Running, running
from bench.scale.asking import Asking

DEPTHS = (10, 1_000, 10_000, 100_000)
GROUPS = (0, 1_000)
USUAL = 1_000  # the depth that others are compared with: all of ten messages lie in the processor's caches
MOST = 2.0
TEN = 10
ROUNDS = 5
BODY = "x" * 300  # about the size of a job
NAMES = ("ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible")


class Cost(NamedTuple):
    """Microseconds of the endpoint's CPU, of a message and of a count."""

    a_message: float
    a_count: float


class Bench:
    """One queue of an endpoint, whose messages belong to so many groups; 0: to none."""

    def __init__(self, server: Running, groups: int) -> None:
        self._server = server
        self._ask = Asking(server.address)
        self._url = self._ask("CreateQueue", QueueName=f"deep-{groups}")["QueueUrl"]
        self._groups: Iterator[dict[str, str]] = itertools.cycle(
            [{"MessageGroupId": f"group-{n}"} for n in range(groups)] or [{}]
        )

    def send(self) -> None:
        """Ten messages."""
        entries = [{"Id": str(n), "MessageBody": BODY, **next(self._groups)} for n in range(TEN)]
        self._ask("SendMessageBatch", QueueUrl=self._url, Entries=entries)

    def pass_on(self) -> None:
        """Ten more come, ten are received and deleted."""
        self.send()
        got = self._ask("ReceiveMessage", QueueUrl=self._url, MaxNumberOfMessages=TEN)["Messages"]
        rows = [{"Id": str(n), "ReceiptHandle": m["ReceiptHandle"]} for n, m in enumerate(got)]
        self._ask("DeleteMessageBatch", QueueUrl=self._url, Entries=rows)

    def count(self) -> None:
        """Ask how many there are."""
        self._ask("GetQueueAttributes", QueueUrl=self._url, AttributeNames=list(NAMES))

    def cost(self, calls: int) -> Cost:
        """Of one round of so many calls of each kind."""
        return Cost(self._spent(self.pass_on, calls) / TEN, self._spent(self.count, calls))

    def _spent(self, act: Callable[[], None], calls: int) -> float:
        before = self._cpu_us()
        for _ in range(calls):
            act()
        return (self._cpu_us() - before) / calls

    def _cpu_us(self) -> float:
        # The kernel's other clock of a process ticks a hundred times a second.
        tasks = Path(f"/proc/{self._server.process.pid}/task").glob("*/schedstat")
        return sum(int(each.read_text().split()[0]) for each in tasks) / 1000


def by_depth(groups: int, calls: int) -> dict[int, Cost]:
    """What is measured at each depth."""
    told = Console(stderr=True)
    with ExitStack() as stack:
        benches = {depth: Bench(stack.enter_context(running(OURS)), groups) for depth in DEPTHS}
        for depth, bench in benches.items():
            for _ in track(range(depth // TEN), f"filling to {depth:,}", console=told):
                bench.send()
        rounds = [
            {depth: bench.cost(calls) for depth, bench in benches.items()}
            for _ in track(range(ROUNDS + 1), f"{groups:,} groups", console=told)
        ]
    # The first round warms what the later ones use.
    return {
        depth: Cost(*map(min, zip(*(each[depth] for each in rounds[1:]), strict=True)))
        for depth in DEPTHS
    }


def flat(found: dict[int, Cost]) -> bool:
    """Whether neither a message nor a count costs more at any depth than it may."""
    usual, most = found[USUAL], MOST
    return all(
        cost.a_message <= most * usual.a_message and cost.a_count <= most * usual.a_count
        for cost in found.values()
    )


def table(found: dict[int, dict[int, Cost]]) -> str:
    """In Markdown, a row for each depth."""
    heads = [f"{name[2:]}, {groups:,} groups" for groups in found for name in Cost._fields]
    rows = [
        [f"{depth:,}", *(f"{value:.0f}" for costs in found.values() for value in costs[depth])]
        for depth in DEPTHS
    ]
    lines = [["waiting", *heads], ["--:"] * (1 + len(heads)), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def main(
    calls: Annotated[int, typer.Option(min=5, help="of each kind in a round")] = 200,
    as_json: Annotated[bool, typer.Option("--json", help="figures as JSON")] = False,
) -> None:
    """CPU of the local queue by depth. Exit 1 when it is not flat."""
    found = {groups: by_depth(groups, calls) for groups in GROUPS}
    print(json.dumps(found) if as_json else table(found))
    sys.exit(0 if all(flat(costs) for costs in found.values()) else 1)


if __name__ == "__main__":
    typer.run(main)
