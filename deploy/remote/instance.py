"""An instance of a run's own. Satisfies `deploy.remote.ground.Ground`."""

import time
from collections.abc import Callable

from deploy.account import Account
from deploy.errors import DeployError
from deploy.remote import script
from deploy.remote.agent import Agent
from deploy.remote.machine import Machines
from deploy.remote.name import Run
from deploy.remote.place import Place

BOOT = 600.0  # seconds until SSM's agent must have called
EVERY = 1.0  # seconds between tries


class OneInstance:
    """Found again by its tag: another terminal may end it.

    Args:
        disk: gigabytes.
        say: is told what happens.
    """

    def __init__(
        self, account: Account, place: Place, run: Run, disk: int, say: Callable[[str], None]
    ) -> None:
        self._account, self._place, self._run = account, place, run
        self._disk, self._say = disk, say
        self._machines = Machines(account, place.deployment)
        self._agent: Agent | None = None
        self._command = ""

    def begin(self, beat: Callable[[], None]) -> None:
        machine = self._machines.launch(self._run, self._place, self._disk)
        self._say(f"{machine.id} is launched; waiting for it to boot …")
        self._agent = Agent(self._account, machine.id)
        lines = script.lines(self._run, self._account.region, self._place.bucket)
        patience = script.patience(self._run)
        ends = time.monotonic() + BOOT
        while (command := self._agent.tell(lines, patience)) is None:
            if not self.lives():
                raise DeployError("The instance was gone before it had booted; on spot, try again.")
            if time.monotonic() > ends:
                raise DeployError(
                    f"SSM's agent did not call within {BOOT / 60:g} minutes.\n"
                    "The image needs the agent, and the subnet a way out: docs/image.md."
                )
            beat()
            time.sleep(EVERY)
        self._command = command

    def trouble(self) -> str | None:
        return self._agent.failure(self._command) if self._agent else None

    def lives(self) -> bool:
        return bool(self._machines.of(self._run.id))

    def clear(self) -> list[str]:
        return self._machines.terminate(self._run.id)
