"""Models whose values are variables CLASSIFYCLOUD_<NAME>; which there are: `wire.settings`."""

import os
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, StringConstraints, model_validator
from pydantic.functional_validators import BeforeValidator

PREFIX = "CLASSIFYCLOUD_"


def _split(value: object) -> object:
    if isinstance(value, str):
        return tuple(part.strip() for part in value.split(",") if part.strip())
    return value


HostPort = Annotated[
    str,
    StringConstraints(to_lower=True, pattern=r"^(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+):[0-9]{1,5}$"),
]
# Amazon S3 User Guide, "General purpose bucket naming rules".
Bucket = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$")]
Hosts = Annotated[tuple[HostPort, ...], BeforeValidator(_split)]
Names = Annotated[tuple[str, ...], BeforeValidator(_split)]
Buckets = Annotated[tuple[Bucket, ...], BeforeValidator(_split)]


class FromEnvironment(BaseModel):
    """What is not given comes from the environment, and what is not there from the defaults.

    pydantic-settings does no more with them, and takes 0.1 s of every process's start to import.
    """

    # Built when first used: no process reads the settings of all.
    model_config = ConfigDict(frozen=True, extra="ignore", validate_default=True, defer_build=True)

    @model_validator(mode="before")
    @classmethod
    def _environment(cls, given: dict[str, Any]) -> dict[str, Any]:
        variables = {name.upper(): value for name, value in os.environ.items()}
        names = {name: f"{PREFIX}{name.upper()}" for name in cls.model_fields}
        found = {name: variables[each] for name, each in names.items() if each in variables}
        return found | given
