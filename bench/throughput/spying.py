"""py-spy at work on a process: its stacks, and the CPU of each of its threads meanwhile."""

import asyncio
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

import psutil

RATE = 200  # samples a second
REMEDY = (
    "py-spy may not look into other processes here. Linux lets it with CAP_SYS_PTRACE "
    "(docker run --cap-add SYS_PTRACE, or sudo), or where /proc/sys/kernel/yama/ptrace_scope is 0."
)


class Refused(Exception):
    """The system does not let one process look into another, or py-spy is missing; says the remedy."""


@dataclass(frozen=True, slots=True)
class Seen:
    """`stacks` in py-spy's raw format; `cpu` seconds by thread id, those without any Python included."""

    stacks: list[str]
    cpu: dict[str, float]


async def stacks(pid: int, seconds: float, into: Path) -> Seen:
    """Sample a process for so long; raises Refused.

    Only who holds the GIL is seen: on a machine that is full, all others are mostly waiting for a core,
    which looks like work to whoever samples.
    """
    before = _threads(pid)
    await _record(pid, seconds, into, "raw", "--threads", "--gil")
    after = _threads(pid)
    spent = {thread: after[thread] - before.get(thread, 0.0) for thread in after}
    return Seen(_read(into), spent)


async def flames(pid: int, seconds: float, into: Path) -> None:
    """The same as an SVG flame graph; raises Refused."""
    await _record(pid, seconds, into, "flamegraph")


async def _record(pid: int, seconds: float, into: Path, form: str, *more: str) -> None:
    found = shutil.which("py-spy") or shutil.which("py-spy", path=str(Path(sys.executable).parent))
    if found is None:
        raise Refused("py-spy is not installed; `make install-dev` does it.")
    spy = await asyncio.create_subprocess_exec(
        *(found, "record", "--pid", str(pid), "--duration", f"{seconds:.0f}", "--rate", str(RATE)),
        *("--format", form, "--output", str(into), "--full-filenames", *more),
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
    )
    _, said = await spy.communicate()
    if spy.returncode:
        text = said.decode("utf-8", "replace").strip()
        raise Refused(f"{REMEDY}\n{text}" if "ermission" in text else f"py-spy failed: {text}")


def _read(file: Path) -> list[str]:
    return file.read_text().splitlines()


def _threads(pid: int) -> dict[str, float]:
    return {
        str(each.id): each.user_time + each.system_time for each in psutil.Process(pid).threads()
    }
