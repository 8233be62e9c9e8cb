"""Runs a set of parts in a data folder that is held, from the first start to the last trace cleared away."""

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from local.up.child import Child
from local.up.console import Console
from local.up.environment import MARK
from local.up.keeper import Keeper
from local.up.leftovers import PATIENCE, end, leftovers
from local.up.notes import Notes
from local.up.parts import Part
from local.up.probe import until_ready
from local.up.supervisor import Supervisor
from local.up.watch import Show, Watch


@dataclass(frozen=True, slots=True)
class House:
    """What is to run.

    Args:
        parts: in the order in which they are stopped.
        environment: what every part gets.
        data: the folder, absolute; notes and logs go below it.
        greeting: what is said once all are ready.
        show: what of the logs is shown.
    """

    parts: tuple[Part, ...]
    environment: Mapping[str, str]
    data: Path
    greeting: str
    show: Show

    def log(self, part: Part) -> Path:
        return self.data / "logs" / f"{part.name}.log"


def clear(data: Path, console: Console) -> None:
    """End what an `up` that was killed left on this folder. The folder must be held."""
    ended = end(leftovers(data, Notes(data / "run")))
    if ended:
        console.say(f"Ended {ended} processes that an earlier run left on {data}.")


async def serve(house: House, console: Console) -> None:
    """Run until a signal asks to stop. No process of it is left when this returns or raises."""
    notes = Notes(house.data / "run")
    environment = {**house.environment, MARK: str(house.data)}

    def launch(part: Part) -> Child:
        child = Child(part.command, environment, house.log(part))
        identity = child.identity()
        # Without a note, on a full disk say, the process is still found by its mark; raising here
        # would lose sight of it.
        with suppress(OSError):
            if identity is not None:
                notes.write(part.name, identity, house.log(part), part.ready.url)
        return child

    keepers = [Keeper(part, launch, house.log(part), until_ready, console) for part in house.parts]
    watch = Watch({part.name: house.log(part) for part in house.parts}, house.show, console)
    patience = PATIENCE
    try:
        stop = await Supervisor(keepers, watch, house.greeting, console).run()
        patience = 0.0 if stop.hurry.is_set() else PATIENCE
    finally:
        # In a thread, because a Ctrl-C would break it off in this one.
        await asyncio.to_thread(lambda: end(leftovers(house.data, notes), patience))
        for part in house.parts:
            notes.clear(part.name)
