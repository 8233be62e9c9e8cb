"""What was measured, as medians over the rounds, as a table and as JSON."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from statistics import fmean, median
from typing import Any

from bench.peers.asking import Burst
from bench.peers.contenders import OPENVINO, OURS, TENSORFLOW, Contender
from bench.peers.turns import BURST, Turn
from bench.peers.windows import Window


@dataclass(frozen=True, slots=True)
class Line:
    """A contender's medians. `windows` by concurrency; times as in Window, `cold` and `idle` in seconds.

    `cold` and `idle` are first, mean and last answer of a burst; `idle` is None for who has no workers.
    """

    title: str
    peer: str
    engine: str
    rounds: int
    windows: dict[int, Window]
    cold: tuple[float, float, float]
    idle: tuple[float, float, float] | None
    unready: int
    memory_mib: float
    memory_kind: str

    @property
    def loud(self) -> bool:
        return any(each.loud for each in self.windows.values())


def line(contender: Contender, turns: Sequence[Turn]) -> Line:
    """The medians of at least one turn."""
    counts = [each.clients for each in turns[0].windows]
    return Line(
        contender.title,
        contender.peer,
        contender.engine,
        len(turns),
        {many: middle([_of(turn, many) for turn in turns]) for many in counts},
        _of_bursts([turn.cold for turn in turns]),
        _of_bursts(idle) if (idle := [turn.idle for turn in turns if turn.idle]) else None,
        max(turn.cold.unready for turn in turns),
        median(turn.memory for turn in turns) / (1 << 20),
        turns[0].memory_kind,
    )


def _of_bursts(bursts: Sequence[Burst]) -> tuple[float, float, float]:
    first, mean, last = (
        median(which(burst.seconds) for burst in bursts) for which in (min, fmean, max)
    )
    return first, mean, last


def middle(windows: Sequence[Window]) -> Window:
    """Medians of one concurrency's windows; only of the quiet ones, if there are any."""
    used = [each for each in windows if not each.loud] or windows
    names = ("per_second", "p50", "p99", "cpu", "foreign")
    figures = {name: median(getattr(each, name) for each in used) for name in names}
    return Window(used[0].clients, failed=sum(each.failed for each in used), **figures)


def _of(turn: Turn, clients: int) -> Window:
    return next(each for each in turn.windows if each.clients == clients)


def table(lines: Sequence[Line], beaten: Mapping[Contender, str]) -> str:
    """Markdown; a star marks figures of a machine that others used as well."""
    if not lines:
        return "\n".join(["Nothing was measured.", *_unmeasured(beaten)])
    counts = sorted(lines[0].windows, reverse=True)
    head = ["", "engine", *(f"img/s at {many}" for many in counts)]
    head += [f"p50 / p99 ms at {many}" for many in counts]
    head += [f"CPU ms/img at {counts[0]}", f"cold {BURST}: first / mean / last s", "memory MiB"]
    ordered = sorted(lines, key=lambda each: -each.windows[counts[0]].per_second)
    rows = [head, ["---"] * 2 + ["---:"] * (len(head) - 2), *(_row(x, counts) for x in ordered)]
    text = ["| " + " | ".join(row) + " |" for row in rows]
    kinds = sorted({each.memory_kind for each in lines})
    text += ["", f"Medians; rounds: {max(x.rounds for x in lines)}; memory: {' and '.join(kinds)}."]
    if any(each.loud for each in lines):
        text += ["\\* other programs used more than 5 % of the cores in every window."]
    text += [
        f"{each.title} running without a worker, {BURST} at once: first / mean / last "
        + " / ".join(f"{seconds:.1f}" for seconds in each.idle)
        + " s."
        for each in lines
        if each.idle
    ]
    return "\n".join([*text, *_ratios(lines), *_unmeasured(beaten)])


def _row(line: Line, counts: Sequence[int]) -> list[str]:
    windows = [line.windows[many] for many in counts]
    return [
        line.title,
        line.engine,
        *(f"{each.per_second:.1f}{'*' * each.loud}" for each in windows),
        *(f"{each.p50:.0f} / {each.p99:.0f}{_failed(each)}" for each in windows),
        f"{windows[0].cpu:.1f}",
        " / ".join(f"{each:.1f}" for each in line.cold),
        f"{line.memory_mib:.0f}",
    ]


def _failed(window: Window) -> str:
    return f" ({window.failed} failed)" if window.failed else ""


def ratios(lines: Sequence[Line]) -> dict[str, float]:
    """Ours over the best peer: pictures a second, by engine, with most clients; the last cold answer."""
    ours = next((each for each in lines if each.peer == OURS), None)
    peers = [each for each in lines if each.peer != OURS]
    if ours is None or not peers:
        return {}
    most = max(ours.windows)
    found = {
        f"pictures a second, peers with {engine}": ours.windows[most].per_second
        / max(each.windows[most].per_second for each in rivals)
        for engine in (OPENVINO, TENSORFLOW)
        if (rivals := [each for each in peers if each.engine == engine])
    }
    soonest = min(each.cold[-1] for each in peers)
    found["last cold answer"] = ours.cold[-1] / soonest
    if ours.idle:
        found["last answer, running without a worker"] = ours.idle[-1] / soonest
    return found


def _ratios(lines: Sequence[Line]) -> list[str]:
    said = [f"{name} {ratio:.2f}" for name, ratio in ratios(lines).items()]
    return ["", "ClassifyCloud over the best peer: " + "; ".join(said) + "."] if said else []


def _unmeasured(beaten: Mapping[Contender, str]) -> list[str]:
    return [f"- {each.title}, {each.engine}: {why}" for each, why in sorted(beaten.items())]


def as_json(lines: Sequence[Line], beaten: Mapping[Contender, str]) -> dict[str, Any]:
    """Everything the table says, unrounded."""
    return {
        "lines": [asdict(each) for each in lines],
        "ratios": ratios(lines),
        "not measured": {f"{each.title}, {each.engine}": why for each, why in beaten.items()},
    }
