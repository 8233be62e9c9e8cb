"""Scaling policies by name. A policy is one file in this folder with a function `plan`.

A file `my_policy.py` is chosen with CLASSIFYCLOUD_POLICY=my-policy; there is nothing else to edit.
"""

from importlib import import_module
from pkgutil import iter_modules

from balancer.plan import Policy
from wire.settings import PREFIX, BalancerSettings, SettingsError


class UnknownPolicy(ValueError):
    """There is no file for this name; the text lists those there are."""


def check(settings: BalancerSettings) -> None:
    """See that the policies which the settings name are there.

    Raises:
        SettingsError: one is not; the text names its variable.
    """
    for field in ("policy", "shadow"):
        name = getattr(settings, field)
        if name is not None and name not in names():
            known = ", ".join(names())
            raise SettingsError(f"{PREFIX}{field.upper()}={name!r}: there are: {known}")


def names() -> list[str]:
    """Every policy that can be chosen."""
    return sorted(found.name.replace("_", "-") for found in iter_modules(__path__))


def find(name: str) -> Policy:
    """The policy of this name.

    Raises:
        UnknownPolicy: there is none.
    """
    if name not in names():
        raise UnknownPolicy(f"no policy is called {name!r}; there are: {', '.join(names())}")
    policy: Policy = import_module(f"{__name__}.{name.replace('-', '_')}").plan
    return policy
