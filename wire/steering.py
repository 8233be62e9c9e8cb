"""Changing how far the fleet may grow and shrink: the operator's word, over what stands."""

from collections.abc import Mapping

from wire.ruling import KEY, Ruling
from wire.standing import Standing, bounds, standing
from wire.store import Store

ATTEMPTS = 5


class SteeringRefused(Exception):
    """The change cannot be made; the text says why. Nothing was changed."""


class OthersChange(SteeringRefused):
    """Somebody else was faster, again and again."""


class Unreadable(SteeringRefused):
    """What is kept cannot be read, and only a reset removes it."""


class LeastAboveGreatest(SteeringRefused):
    """The two numbers contradict each other."""

    def __init__(self, least: int, most: int) -> None:
        super().__init__(
            f"The least number, {least}, would be above the greatest, {most}: give both."
        )


async def changed(store: Store, change: Mapping[str, object], reset: bool = False) -> Standing:
    """Make a change, and how it stands then; without one only the latter.

    Args:
        store: where the operator's word lies.
        change: fields of `Ruling` by name; None gives a number back to the settings.
        reset: begin from the balancer's own settings.

    Raises:
        SteeringRefused: see its kinds.
        QueueUnavailable: the store cannot be reached.
    """
    for _ in range(ATTEMPTS):
        now = await standing(store)
        if not change and not reset:
            return now
        ruling = _before(change, reset, now).model_copy(update=dict(change))
        if change.keys() - {"paused"}:
            _check(ruling, now)
        etag = now.kept.etag if now.kept else None
        if await store.replace(KEY, ruling.encode().encode(), etag) is not None:
            return await standing(store)
    raise OthersChange("Others change the limits at the same time: nothing was changed. Try again.")


def _before(change: Mapping[str, object], reset: bool, now: Standing) -> Ruling:
    if reset or now.kept is None:
        return Ruling()
    try:
        return Ruling.read(now.kept.data)
    except ValueError as error:
        # No balancer can read it either: nothing of it is lost, and a pause waits for nobody.
        if change == {"paused": True}:
            return Ruling()
        raise Unreadable(str(error)) from error


def _check(ruling: Ruling, now: Standing) -> None:
    asked = bounds(ruling, now.holds)
    if asked is not None and asked[0] > asked[1]:
        raise LeastAboveGreatest(*asked)
