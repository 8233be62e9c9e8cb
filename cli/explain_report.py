"""How `classifycloud explain` shows ticks: a block for each with deeds, a line for quiet runs."""

from collections.abc import Iterable, Iterator
from itertools import groupby

from rich.console import Console, Group
from rich.table import Table
from rich.text import Text

from wire.tick_record import Opinion, TickRecord


def show(records: Iterable[TickRecord]) -> None:
    """Print them, oldest first; times are the reader's own."""
    console = Console(highlight=False, soft_wrap=False)
    for block in blocks(records):
        console.print(block)


def blocks(records: Iterable[TickRecord]) -> Iterator[Group]:
    """What is printed, piece by piece."""
    epoch: int | None = None
    for key, run in groupby(records, _alike):
        found = list(run)
        if epoch not in (None, found[0].epoch):
            yield Group(_handover(found[0]))
        epoch = found[-1].epoch
        if key is None:
            yield from (_told(each) for each in found)
        else:
            yield _folded(found)


def _handover(first: TickRecord) -> Text:
    what = f"epoch {first.epoch} begins: a balancer was started again, or another one leads"
    return Text(f"{_time(first)}  {what}", "bold")


def _alike(record: TickRecord) -> object:
    """The same for quiet ticks that can be told in one line, None for those told by themselves."""
    if not record.quiet:
        return None
    paused = record.paused and (record.wanted_launch, record.wanted_terminate)
    return (record.epoch, record.policy, record.saw.workers, record.desired, record.bound, paused)


def _folded(run: list[TickRecord]) -> Group:
    first, last = run[0], run[-1]
    queued = [each.saw.queued for each in run]
    depth = f"{min(queued)}" if min(queued) == max(queued) else f"{min(queued)} to {max(queued)}"
    count = "1 quiet tick" if len(run) == 1 else f"{len(run)} quiet ticks until {_time(last)}"
    line = Text.assemble(
        (f"{_time(first)}  ", "bold"),
        (f"{count}: {depth} queued, {_workers(last)}, {last.desired} wanted", "dim"),
        (f" ({last.bound})" if last.bound else "", "dim"),
        (f": {last.reason}", "dim"),
    )
    return Group(line)


def _told(record: TickRecord) -> Group:
    head = Text.assemble(
        (f"{_time(record)}  ", "bold"),
        (_deeds(record), "bold cyan"),
        (f"   {record.policy}, tick {record.tick} of epoch {record.epoch}", "dim"),
    )
    table = Table.grid(padding=(0, 1))
    table.add_column(width=9, justify="right", style="dim")
    table.add_column(overflow="fold")
    for name, text in _rows(record):
        table.add_row(name, text)
    return Group(head, table)


def _rows(record: TickRecord) -> Iterator[tuple[str, str]]:
    yield "saw", _saw(record)
    yield "why", record.reason
    if record.numbers:
        yield "formula", "  ".join(f"{name} = {value:g}" for name, value in record.numbers.items())
    yield "limits", _limits(record)
    for ended in record.ended:
        yield "ended", f"{ended.worker}: {ended.reason}"
    if record.others:
        yield (
            "others",
            ", ".join(_other(name, each, record) for name, each in record.others.items()),
        )
    if record.cost.hourly:
        yield "cost", _cost(record)


def _deeds(record: TickRecord) -> str:
    deeds = [
        *([f"+{record.launched} launched"] if record.launched else []),
        *([f"-{record.terminated} asked to go"] if record.terminated else []),
        *([f"{len(record.ended)} ended"] if record.ended else []),
    ]
    return f"{', '.join(deeds)}; {record.desired} wanted"


def _saw(record: TickRecord) -> str:
    saw = record.saw
    parts = [
        f"{saw.queued} queued",
        f"{saw.in_flight} in flight",
        f"{saw.arrived:g} arrived",
        *([] if saw.oldest_wait is None else [f"oldest {saw.oldest_wait:.1f} s"]),
        _workers(record),
        *(
            []
            if saw.service_seconds is None
            else [f"{1000 * saw.service_seconds:.3g} ms a picture"]
        ),
        *([] if saw.boot_seconds is None else [f"{saw.boot_seconds:.1f} s a boot"]),
    ]
    return ", ".join(parts)


def _workers(record: TickRecord) -> str:
    saw = record.saw
    states = {
        "busy": saw.busy,
        "idle": saw.idle,
        "launching": saw.launching,
        "leaving": saw.draining,
    }
    some = ", ".join(f"{count} {name}" for name, count in states.items() if count)
    count = f"{saw.workers} worker{'' if saw.workers == 1 else 's'}"
    return f"{count} ({some})" if some else count


def _limits(record: TickRecord) -> str:
    low, high = record.limits.get("min_workers"), record.limits.get("max_workers")
    bound = f"bound by {record.bound}" if record.bound else "none bound"
    short = _short(record)
    return f"{low} to {high} workers, {bound}{short and '; '}{short}"


def _short(record: TickRecord) -> str:
    wanted, held = record.wanted_launch, record.held_back
    missing = wanted - held - record.launched
    said = [
        *([f"{held} of {wanted} held back"] if held else []),
        *([f"{missing} of {wanted} did not come"] if missing > 0 else []),
    ]
    return ", ".join(said)


def _other(name: str, opinion: Opinion, record: TickRecord) -> str:
    watched = " (shadow)" if name == record.shadow else ""
    if opinion.fault is not None:
        return f"{name}{watched} broke"
    step = opinion.launch - opinion.terminate
    return f"{name}{watched} {opinion.desired}" + (f" ({step:+d})" if step else "")


def _cost(record: TickRecord) -> str:
    cost = record.cost
    parts = [
        f"{cost.hourly:.2f} $ an hour",
        *(f"{count} {what}" for what, count in sorted(cost.runs_on.items())),
        *([] if cost.per_thousand is None else [f"{cost.per_thousand:.4f} $ per 1 000 pictures"]),
        *([] if cost.left is None else [f"{cost.left:.2f} $ an hour left in the budget"]),
    ]
    return ", ".join(parts)


def _time(record: TickRecord) -> str:
    return f"{record.at.astimezone():%H:%M:%S}"
