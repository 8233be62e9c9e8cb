"""How training pictures are varied: what is done to them, as data. `training.lab.varied` does it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from training.errors import WrongRecipe

FORM = "none, or some of shift=0.1,rotate=10,zoom=0.1,flip,randaugment=2,magnitude=9,mixup=0.2"


@dataclass(frozen=True)
class Augmentation:
    """What is done to each picture of a batch, by chance, in this order.

    Args:
        randaugment: operations of RandAugment (Cubuk et al. 2019) a picture; 0 for none.
        magnitude: of these, 0 to 30.
        shift: at most, as a share of the side.
        rotate: at most, in degrees, either way.
        zoom: at most, as a share of the side, in or out.
        flip: whether half of the pictures are mirrored.
        mixup: parameter of the Beta distribution that pairs of pictures are mixed by (Zhang et al. 2017,
            section 2); 0 for none.
    """

    randaugment: int = 0
    magnitude: float = 9
    shift: float = 0.0
    rotate: float = 0.0
    zoom: float = 0.0
    flip: bool = False
    mixup: float = 0.0


NONE = Augmentation()
USUAL = Augmentation(shift=0.1, flip=True)
LIMITS = {
    "randaugment": (0, 14),
    "magnitude": (0, 30),
    "shift": (0, 0.5),
    "rotate": (0, 180),
    "zoom": (0, 0.5),
    "mixup": (0, 10),
}


def parsed(text: str) -> Augmentation:
    """From the form that the command line takes; raises WrongRecipe, which names FORM."""
    found: dict[str, Any] = {}
    for part in text.split(","):
        name, _, value = part.strip().partition("=")
        if name == "none" and text.strip() == "none":
            return NONE
        if name == "flip" and not value:
            found["flip"] = True
        elif name in LIMITS:
            kind: Callable[[str], float] = int if name == "randaugment" else float
            found[name] = _number(kind, name, value)
        else:
            raise WrongRecipe(f"{part.strip()!r} is no augmentation: give {FORM}")
    return Augmentation(**found)


def _number(kind: Callable[[str], float], name: str, value: str) -> float:
    low, high = LIMITS[name]
    try:
        found = kind(value)
    except ValueError:
        found = -1
    if not low <= found <= high:
        raise WrongRecipe(f"{name}={value} is not between {low:g} and {high:g}: give {FORM}")
    return found
