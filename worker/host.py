"""What a worker runs on: what it is called there, how long it has run, and what it hears from it."""

import asyncio
import time
import uuid
from collections.abc import Coroutine
from typing import Any, Protocol

from worker import STARTED
from worker.shift import Shift


class Host(Protocol):
    """A machine, or a place on one."""

    async def name(self) -> str:
        """What a worker on it is called in reports when nobody has named it."""

    async def settle(self, shift: Shift) -> None:
        """Find out whether the shift begins on standby."""

    def age(self) -> float:
        """Seconds since the launch that is paid for."""

    def boot_seconds(self) -> float:
        """Seconds that it has taken to get here."""

    def watches(self, shift: Shift) -> list[Coroutine[Any, Any, None]]:
        """What listens to it while the worker lives."""

    async def close(self) -> None: ...


class Process:
    """A process of a machine that is here anyway; satisfies `Host`."""

    async def name(self) -> str:
        return made_up()

    async def settle(self, shift: Shift) -> None:
        shift.standby = False

    def age(self) -> float:
        return time.monotonic() - STARTED

    def boot_seconds(self) -> float:
        return self.age()

    def watches(self, shift: Shift) -> list[Coroutine[Any, Any, None]]:  # noqa: ARG002
        return []

    async def close(self) -> None:
        await asyncio.sleep(0)


def made_up() -> str:
    """A name that nobody else has."""
    return f"worker-{uuid.uuid4().hex[:12]}"
