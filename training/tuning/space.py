"""What is searched: a range or a choice for each option, out of YAML.

rate: {from: 1e-4, to: 1e-1, scale: log}
batch: [16, 32, 64]
dropout: {from: 0, to: 0.6, step: 0.1}
flip: [true, false]
"""

import math
from collections.abc import Collection, Mapping
from typing import Any, TypeAlias

from optuna.distributions import (
    BaseDistribution,
    CategoricalDistribution,
    FloatDistribution,
    IntDistribution,
)

from training.errors import TrainingError
from training.near import nearest

Value: TypeAlias = bool | int | float | str
Space: TypeAlias = dict[str, BaseDistribution]
_KEYS = ("from", "to", "step", "scale")
_WORDS = {"true": True, "false": False}


class SpaceUnfit(TrainingError):
    """A file of a space that cannot be read or searched; the text names the option."""


def parsed(text: str, options: Collection[str]) -> Space:
    """The space that a document describes, its options in the document's order.

    Args:
        options: those that a training knows.

    Raises:
        SpaceUnfit: it is no such document, or names an option that there is not.
    """
    import yaml

    try:
        said = yaml.load(text, yaml.BaseLoader)
    except yaml.YAMLError as error:
        raise SpaceUnfit(" ".join(str(error).split())) from error
    if not isinstance(said, dict) or not said:
        raise SpaceUnfit("a space has lines `option: [one, other]` or `option: {from: 0, to: 1}`")
    for name in said:
        if name not in options:
            raise SpaceUnfit(f"no option {name} to search; {nearest(str(name), tuple(options))}")
    return {str(name): _distribution(str(name), value) for name, value in said.items()}


def told(space: Space) -> dict[str, str]:
    """For people, and to know a space again."""
    return {name: str(distribution) for name, distribution in space.items()}


def _distribution(name: str, said: object) -> BaseDistribution:
    if isinstance(said, list) and said and all(isinstance(each, str) for each in said):
        values = [_typed(each) for each in said]
        if len(set(map(str, values))) < len(values):
            raise SpaceUnfit(f"{name}: a value stands there twice")
        return CategoricalDistribution(values)
    if isinstance(said, dict):
        return _range(name, said)
    raise SpaceUnfit(f"{name} needs a list of values, or {{from: …, to: …}}")


def _range(name: str, said: Mapping[str, object]) -> BaseDistribution:
    for key in said:
        if key not in _KEYS:
            raise SpaceUnfit(f"{name}: no {key}; {nearest(str(key), _KEYS)}")
    scale = said.get("scale", "linear")
    if scale not in ("log", "linear"):
        raise SpaceUnfit(f"{name}: scale is log or linear, not {scale}")
    low, high = _number(name, said, "from"), _number(name, said, "to")
    step = _number(name, said, "step") if "step" in said else None
    log = scale == "log"
    if not low < high or (log and low <= 0) or (step is not None and (log or step <= 0)):
        why = "from has to be less than to, above 0 where the scale is log, and a step goes with linear"
        raise SpaceUnfit(f"{name}: {why}")
    if isinstance(low, int) and isinstance(high, int) and (step is None or isinstance(step, int)):
        return IntDistribution(low, high, log=log, step=step or 1)
    return FloatDistribution(float(low), float(high), log=log, step=step)


def _number(name: str, said: Mapping[str, object], key: str) -> int | float:
    found = _typed(str(said.get(key, "")))
    if isinstance(found, bool | str) or not math.isfinite(found):
        raise SpaceUnfit(f"{name}: {key} has to be a number")
    return found


def _typed(word: str) -> Value:
    kinds: tuple[Any, ...] = (int, float)
    for kind in kinds:
        try:
            return kind(word)  # type: ignore[no-any-return]
        except ValueError:
            continue
    return _WORDS.get(word, word)
