"""How units run in a machine that was booted of the image, as walls.sh in there tells it."""

import socket
from collections.abc import Iterable

from ami.rehearsal.answer import Failed

PATIENCE = 120.0  # seconds; an emulated machine takes its time
# What every process of a unit is held to by the kernel itself, whatever its unit says.
HELD = {"NoNewPrivs": "1", "Seccomp": "2", "CapEff": "0" * 16, "CapBnd": "0" * 16, "root": "ro"}


def told(port: int) -> str:
    """What the machine says."""
    with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) as line:
        found = b"".join(iter(lambda: line.recv(65536), b""))
    text = found.decode()
    if not text.endswith("end\n"):
        raise Failed(f"the machine breaks off, telling of its units:\n{text}")
    return text


def stand(text: str, units: Iterable[str]) -> str:
    """How many processes run within their walls. Raises Failed.

    Args:
        text: as `told`.
        units: which must be active, each started once and no other way than within its walls.
    """
    found = _read(text)
    if missing := set(units) - set(found):
        raise Failed(f"{', '.join(sorted(missing))} does not run:\n{text}")
    for unit, (restarts, processes) in found.items():
        if restarts:
            raise Failed(f"{unit} was started again {restarts} times:\n{text}")
        if not processes:
            raise Failed(f"{unit} has no process:\n{text}")
        for each in processes:
            _check(unit, each)
    count = sum(len(processes) for _, processes in found.values())
    return f"{', '.join(sorted(found))}: {count} processes, all within their walls"


def _read(text: str) -> dict[str, tuple[int, list[dict[str, str]]]]:
    found: dict[str, tuple[int, list[dict[str, str]]]] = {}
    processes: list[dict[str, str]] = []
    for kind, *words in (line.split() for line in text.splitlines()):
        if kind == "unit":
            processes = []
            found[words[0].removeprefix("classifycloud-").removesuffix(".service")] = (
                int(words[1]),
                processes,
            )
        elif kind == "process":
            processes.append(dict(word.split("=", 1) for word in words[1:]))
    return found


def _check(unit: str, process: dict[str, str]) -> None:
    for what, held in HELD.items():
        if process.get(what) != held:
            raise Failed(f"a process of {unit} has {what} {process.get(what)!r}: {process}")
    if process.get("Uid", "0") == "0":
        raise Failed(f"a process of {unit} is root: {process}")
