"""Models whose values are variables CLASSIFYCLOUD_<NAME>; which there are: `wire.settings`."""

import os
from typing import Any

from pydantic import BaseModel, ConfigDict, model_validator

PREFIX = "CLASSIFYCLOUD_"


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
