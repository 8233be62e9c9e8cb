"""A record: one line of `records/…jsonl`, written by workers and read by whoever looks a picture up."""

from datetime import datetime
from typing import Self

from wire.messages import Answer


class Record(Answer):
    """What became of a picture, and when (UTC, by the queue's clock). Readers deduplicate by `uuid`."""

    at: datetime

    @classmethod
    def line(cls, answer: Answer, at: datetime) -> str:
        """What `of(...).encode()` gives; of a plain answer the text that was sent serves again."""
        if answer.features is not None:
            return cls.of(answer, at).encode()
        return f'{answer.encoded[:-1]},"at":"{at.isoformat().removesuffix("+00:00")}Z"}}'

    @classmethod
    def of(cls, answer: Answer, at: datetime) -> Self:
        fields = {name: getattr(answer, name) for name in Answer.model_fields}
        if answer.features is not None:  # which layer it was; its values would outweigh all else
            fields["features"] = answer.features.model_copy(update={"npy": None, "key": None})
        return cls(at=at, **fields)
