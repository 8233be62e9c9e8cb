"""What bakes have left that were broken off: machines and roles. A bake that goes on elsewhere is let be."""

import time
from collections.abc import Callable

from deploy import naming
from deploy.account import Account
from deploy.bake import images, machine, role, starter
from deploy.bake.images import Image
from deploy.bake.machine import MINUTES, Running


def clear(account: Account) -> int:
    """End the bakes of this region that nobody goes on with; how many there were.

    Those are the ones that were begun here by a process that has ended, and those that are over their time.
    """
    # The machine of an image that is being made must live until its disk is copied.
    copied = {each.bake for each in images.baked(account) if each.state == "pending"}
    over = time.time() - 60 * MINUTES
    return _ended(account, over, lambda each: each.name not in copied and _forsaken(each, over))


def clear_all(account: Account) -> int:
    """End every bake of this region; how many there were."""
    return _ended(account, time.time(), lambda _: True)


def end(account: Account, image: Image) -> None:
    """End the bake that this image, which is available, was made by: whoever began it may be gone."""
    if image.bake.startswith(naming.bake_name("")):
        machine.end(account, image.bake)
        role.drop(account, image.bake)


def _forsaken(each: Running, over: float) -> bool:
    return each.launched < over or starter.gone(each.starter)


def _ended(account: Account, over: float, which: Callable[[Running], bool]) -> int:
    """End machines with their roles; and roles made before `over` that no machine has."""
    live = machine.living(account)
    done = [each for each in live if which(each)]
    machine.terminate(account, done)
    names = {each.name for each in done}
    used = {each.name for each in live} - names
    names |= {name for name, made in role.made(account) if made < over and name not in used}
    for name in sorted(names):
        role.drop(account, name)
    return len(names)
