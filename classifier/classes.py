"""The classes of a network. Apart from the scores, so that naming them needs no numpy."""

from pydantic import BaseModel, ConfigDict
from pydantic.alias_generators import to_camel


class ClassName(BaseModel):
    """One class of a network: its id, its display name, the kind of thing where known."""

    model_config = ConfigDict(
        frozen=True, extra="ignore", alias_generator=to_camel, validate_by_name=True
    )

    class_id: str
    name: str
    kind: str | None = None
