"""The tables, in Markdown."""

from collections.abc import Iterator, Sequence

from bench.scaling.dominance import dominates
from bench.scaling.replay.runs import Run, find
from bench.scaling.replay.setups import BOOTS, OURS, POLICIES, RIVALS


def side_by_side(title: str, runs: Sequence[Run]) -> str:
    """A table for each boot time: traffic down, policies across."""
    names = list(dict.fromkeys(run.traffic for run in runs))
    parts = []
    for boot in BOOTS:
        rows = [
            [name, *(_cell(find(runs, name, policy, boot)) for policy in POLICIES)]
            for name in names
        ]
        parts.append(f"**{title}, boot {boot} s**\n\n{_table(['', *POLICIES], rows)}")
    return "\n\n".join(parts)


def verdicts(runs: Sequence[Run]) -> str:
    """Ours beside each rival on what policies are judged by: shares of its p99 wait and of its cost."""
    rows = [list(row) for row in _verdicts(runs)]
    return _table(["judged on", "boot", "", *RIVALS], rows)


def _verdicts(runs: Sequence[Run]) -> Iterator[tuple[str, ...]]:
    for name in dict.fromkeys(run.traffic for run in runs if run.judged):
        for boot in BOOTS:
            for ours in OURS:
                mine = find(runs, name, ours, boot)
                told = (_against(mine, find(runs, name, rival, boot)) for rival in RIVALS)
                yield (name, f"{boot} s", ours, *told)


def _against(mine: Run, rival: Run) -> str:
    told = f"{_share(mine.p99, rival.p99)} · {_share(mine.cost, rival.cost)}"
    return f"**{told}**" if dominates(mine, rival) else told


def _share(mine: float, rival: float) -> str:
    if rival == 0:
        return "0/0" if mine == 0 else "∞"
    return f"{mine / rival:.2f}"


def _cell(run: Run) -> str:
    wait = f"{run.p99:.0f}" if run.p99 >= 10 else f"{run.p99:.1f}"
    cost = f"{run.cost:.2f}" if run.cost >= 0.1 else f"{run.cost:.3f}"
    late = f" ({run.missed} late)" if run.missed else ""
    return f"{wait} · {cost}{late}"


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
