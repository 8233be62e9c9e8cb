"""Scaling policies by name. A policy is one file with a function `plan`.

A file `my_policy.py` in this folder is chosen with CLASSIFYCLOUD_POLICY=my-policy, a file anywhere else by
its path, CLASSIFYCLOUD_POLICY=~/my_policy.py; there is nothing else to edit.
"""

from importlib import import_module
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from pkgutil import iter_modules

from balancer.plan import Policy
from wire.settings import PREFIX, BalancerSettings, SettingsError


class UnknownPolicy(ValueError):
    """There is no policy of this name, or none in this file; the text says which there are, or why not."""


def check(settings: BalancerSettings) -> None:
    """See that the policies which the settings name are there.

    Raises:
        SettingsError: one is not; the text names its variable.
    """
    for field in ("policy", "shadow"):
        name = getattr(settings, field)
        try:
            if name is not None:
                find(name)
        except UnknownPolicy as error:
            raise SettingsError(f"{PREFIX}{field.upper()}={name!r}: {error}") from error


def names() -> list[str]:
    """Every policy that can be chosen by a name."""
    return sorted(found.name.replace("_", "-") for found in iter_modules(__path__))


def find(name: str) -> Policy:
    """The policy of this name, or that of this file if it ends in `.py`.

    Raises:
        UnknownPolicy: there is none.
    """
    if name.endswith(".py"):
        return _in_file(Path(name).expanduser())
    if name not in names():
        known = ", ".join(names())
        raise UnknownPolicy(
            f"no policy is called {name!r}; there are: {known}; a file of your own ends in .py"
        )
    policy: Policy = import_module(f"{__name__}.{name.replace('-', '_')}").plan
    return policy


def _in_file(path: Path) -> Policy:
    spec = spec_from_file_location(path.stem, path)
    if not path.is_file() or spec is None or spec.loader is None:
        raise UnknownPolicy(f"there is no file {path}")
    module = module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
    except Exception as error:
        raise UnknownPolicy(f"{path} cannot be loaded: {error!r}") from error
    policy: Policy | None = getattr(module, "plan", None)
    if not callable(policy):
        raise UnknownPolicy(f"{path} has no function plan(snapshot, limits, now)")
    return policy
