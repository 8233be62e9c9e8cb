"""Live progress on a terminal, twice a second: more often would make the sender late."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn
from rich.progress import Progress as Bars

from bench.loadtest.run import Progress
from bench.loadtest.summary import percentile

EVERY = 0.5  # seconds
RECENT = 500  # answers


@contextlib.asynccontextmanager
async def shown(progress: Progress, total: int | None) -> AsyncIterator[None]:
    """Show it on stderr while the block runs; nothing where that is no terminal."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield
        return
    columns = (TextColumn("answered"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    said = TextColumn("{task.description}")
    with Bars(*columns, said, console=console, transient=True, auto_refresh=False) as bars:
        task = bars.add_task("", total=total)

        async def tell() -> None:
            before, at = 0, time.perf_counter()
            while True:
                await asyncio.sleep(EVERY)
                now, count = time.perf_counter(), len(progress.outcomes)
                text = described(progress, (count - before) / (now - at))
                bars.update(task, completed=count, description=text, refresh=True)
                before, at = count, now

        telling = asyncio.create_task(tell())
        try:
            yield
        finally:
            telling.cancel()


def described(progress: Progress, rate: float) -> str:
    """One line of what happens now; `rate` in answers a second."""
    recent = progress.outcomes[-RECENT:]
    seconds = sorted(outcome.seconds for outcome in recent if outcome.ok)
    failed = len(recent) - len(seconds)
    parts = [f"{rate:.1f}/s", f"{progress.open} open"]
    if seconds:
        parts.append(f"p50 {1000 * percentile(seconds, 0.5):.0f} ms")
        parts.append(f"p99 {1000 * percentile(seconds, 0.99):.0f} ms")
    if failed:
        parts.append(f"{failed} of the last {len(recent)} failed")
    return ", ".join(parts)
