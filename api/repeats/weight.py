"""How many bytes a remembered answer takes."""

import sys
from collections.abc import Iterable

from api.repeats.asked import Asked
from wire.messages import Answer

# Bytes of what holds the texts, by tracemalloc on CPython 3.11: of an answer with its timings, the key it is
# found by and its entries in the tables, and of a label.
ANSWER, LABEL = 2480, 517


def weight(asked: Asked, answer: Answer) -> int:
    """Bytes that an answer takes beside others; a text that it holds twice counts once.

    Texts of several answers that are one object, as short names of labels mostly are, count with each: of a
    thousand labels a fifth too much.
    """
    held = {id(text): text for text in _texts(asked, answer) if text is not None}
    return ANSWER + LABEL * len(answer.labels) + sum(map(_size, held.values()))


def _texts(asked: Asked, answer: Answer) -> Iterable[str | None]:
    yield from (asked.group, asked.url, asked.model, asked.version)
    if asked.sieve is not None:
        yield from (*asked.sieve.include, *asked.sieve.exclude)
    yield from (answer.uuid, answer.image_url, answer.result, answer.model, answer.model_version)
    for label in answer.labels:
        yield label.name
        yield label.class_id


def _size(text: str) -> int:
    if text.isascii():
        return sys.getsizeof(text)
    # Once it was sent, a text keeps its UTF-8 beside it; a copy has none yet.
    encoded = text.encode()
    return sys.getsizeof(encoded.decode()) + len(encoded) + 1
