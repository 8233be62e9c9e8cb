"""The keyword arguments of the calls that ask about a picture, and how they go over the wire."""

from collections.abc import Sequence
from typing import Any, TypeAlias, TypedDict

from classifycloud.client.calls import KEY, new_key, query


class Common(TypedDict, total=False):
    """What every question takes.

    Attributes:
        model, version: one of `models()`; the service's own choice when left out, the latest version.
        idempotency_key: made by itself, so that a request that is sent again doubles no work; one of your
            own lets another process have the same answer within 24 hours; None sends none: cheaper, the
            service may answer with what it remembers, and a connection that breaks is an error.
        timeout: seconds for all of it, tries and pauses together; the client's own when left out.
    """

    model: str
    version: str
    idempotency_key: str | None
    timeout: float


class Sifted(Common, total=False):
    """Which labels are wanted.

    Attributes:
        top: labels in the answer, 1 to 1000; 5 when left out.
        min_confidence: labels below it are left out, 0 to 1.
        include, exclude: classes, by id or by name, one or several: these alone, or all but these.
    """

    top: int
    min_confidence: float
    include: str | Sequence[str]
    exclude: str | Sequence[str]


class Wishes(Sifted, total=False):
    """What a classification takes.

    Attributes:
        max_age: seconds that a remembered answer may be old, 0 for a fresh one; needs idempotency_key=None,
            for nothing is remembered of a request with a key.
        wait: seconds that the service keeps the request waiting before it answers with a job.
    """

    max_age: int
    wait: int


class LayerWishes(Common, total=False):
    """What features take besides.

    Attributes:
        form: how they travel: "npy" (four bytes a value), or "json".
    """

    form: str


class BulkWishes(Sifted, total=False):
    """What a job takes that nobody waits for.

    Attributes:
        deadline: seconds in which it may be worked; a day when left out.
        webhook: an address that is told of its end; `events` of which ends, all when left out.
    """

    deadline: float
    webhook: str
    events: Sequence[str]


class JobWishes(BulkWishes, total=False):
    """What a job of one picture takes besides.

    Attributes:
        layer: the layer whose features are wanted, in the place of labels.
        id: your own name for it, 64 characters at most; the same request under it is the same job.
    """

    layer: str
    id: str


AnyWishes: TypeAlias = Wishes | LayerWishes | BulkWishes | JobWishes


def parameters(given: AnyWishes, **more: Any) -> dict[str, str | list[str]]:
    """The query of a question."""
    return query(
        **more,
        model=given.get("model"),
        modelVersion=given.get("version"),
        top=given.get("top"),
        minConfidence=given.get("min_confidence"),
        include=given.get("include"),
        exclude=given.get("exclude"),
        format=given.get("form"),
    )


def headers(given: AnyWishes) -> dict[str, str]:
    """The headers of a question."""
    found = key_header(given)
    if (age := given.get("max_age")) is not None:
        found["Cache-Control"] = "no-cache" if age == 0 else f"max-age={age}"
    if (wait := given.get("wait")) is not None:
        found["Prefer"] = f"wait={wait}"
    return found


def key_header(given: AnyWishes) -> dict[str, str]:
    """The Idempotency-Key: the given one, none where that is None, else a new one."""
    key = given["idempotency_key"] if "idempotency_key" in given else new_key()
    return {} if key is None else {KEY: key}
