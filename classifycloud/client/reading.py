"""Replies, read: a document of the kind that was asked for, or the error that stands in its place."""

import json
from collections.abc import Callable
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from classifycloud.client import answers, errors
from classifycloud.client.activations import Features, from_npy, from_values
from classifycloud.client.calls import Reply

M = TypeVar("M", bound=BaseModel)


def document(reply: Reply) -> dict[str, Any]:
    """The reply's JSON.

    Raises:
        Answered: it is an error, in the service's form.
        NotUnderstood: it is in no form of the service's.
    """
    try:
        body = json.loads(reply.content)
    except ValueError:
        body = None
    if reply.good and isinstance(body, dict):
        return body
    fault = body.get("error") if isinstance(body, dict) else None
    if reply.good or not isinstance(fault, dict) or not isinstance(fault.get("code"), str):
        raise _strange(reply)
    raise errors.answered(
        fault["code"],
        str(fault.get("message")),
        job=fault.get("job"),
        status=reply.status,
        retry_after=retry_after(reply),
    )


def read_as(kind: type[M]) -> Callable[[Reply], M]:
    """A reader of documents of one kind."""

    def read(reply: Reply) -> M:
        return _valid(kind, document(reply), reply)

    return read


def classification(reply: Reply) -> answers.Classification:
    """Labels; raises Unfinished where the service took the job and answers later (202)."""
    found = document(reply)
    if reply.status == 202:
        raise _valid(answers.Job, found, reply).fault()
    age, headers = reply.headers.get("age", ""), reply.headers
    found |= {"replayed": headers.get("idempotency-replayed") == "true"}
    found |= {"age": int(age)} if age.isdecimal() else {}
    return _valid(answers.Classification, found, reply)


def features(reply: Reply) -> Features:
    """A layer's activation, from either form."""
    if not reply.good or reply.status == 202:
        raise _valid(answers.Job, document(reply), reply).fault()
    try:
        if "json" in reply.headers.get("content-type", ""):
            return from_values(document(reply), reply.content)
        about = reply.headers.get("x-job"), reply.headers.get("x-model")
        return from_npy(reply.content, *about)
    except (ValueError, KeyError, TypeError) as error:
        raise _strange(reply) from error


def models(reply: Reply) -> list[answers.Model]:
    """What GET /models lists."""
    return list(read_as(answers.ModelList)(reply).models)


def nothing(reply: Reply) -> None:
    """That it went well."""
    if not reply.good:
        document(reply)


def content(reply: Reply) -> bytes:
    """The body as it is."""
    nothing(reply)
    return reply.content


def text(reply: Reply) -> str:
    """The body as text."""
    return content(reply).decode("utf-8", "replace")


def retry_after(reply: Reply) -> float | None:
    """The header's seconds."""
    try:
        return max(0.0, float(reply.headers["retry-after"]))
    except (KeyError, ValueError):
        return None


def _valid(kind: type[M], found: dict[str, Any], reply: Reply) -> M:
    try:
        return kind.model_validate(found)
    except ValidationError as error:
        raise _strange(reply) from error


def _strange(reply: Reply) -> errors.NotUnderstood:
    return errors.NotUnderstood(
        f"Status {reply.status}, and not in ClassifyCloud's form: is it ClassifyCloud?",
        status=reply.status,
    )
