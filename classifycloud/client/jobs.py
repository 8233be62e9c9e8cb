"""Questions about jobs that nobody waits for, single and bulk, as calls. Pure."""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from pydantic import ValidationError

from classifycloud.client import errors, reading
from classifycloud.client.answers import Job, Row
from classifycloud.client.calls import Call, Reply, query
from classifycloud.client.pictures import Source
from classifycloud.client.reading import read_as
from classifycloud.client.requests import BYTES, path_of
from classifycloud.client.wishes import BulkWishes, JobWishes, key_header, parameters

JSON = {"Content-Type": "application/json"}


def submit(picture: Source, wishes: JobWishes) -> Call[Job]:
    """`POST /jobs` with one picture.

    Raises:
        ValueError: what a picture that is sent as bytes cannot have.
    """
    if picture.url is not None:
        return _documented({"imageUrl": picture.url}, wishes)
    if "layer" in wishes:
        raise ValueError("layer: only with a picture that has an address.")
    return Call(
        "POST",
        "/jobs",
        read_as(Job),
        params=parameters(
            wishes,
            id=wishes.get("id"),
            deadline=wishes.get("deadline"),
            webhook=wishes.get("webhook"),
            webhookEvent=wishes.get("events"),
        ),
        headers=key_header(wishes) | BYTES,
        content=picture.content,
    )


def submit_many(pictures: str | Iterable[str | Mapping[str, str]], wishes: BulkWishes) -> Call[Job]:
    """`POST /jobs` with many: addresses, or a prefix in a bucket."""
    return _documented(
        {"prefix": pictures} if isinstance(pictures, str) else {"urls": list(pictures)}, wishes
    )


def cancel(uuid: str) -> Call[Job]:
    """`POST /jobs/{uuid}/cancel`."""
    return Call("POST", f"{path_of(uuid)}/cancel", read_as(Job), safe=True)


def retry(uuid: str) -> Call[Job]:
    """`POST /jobs/{uuid}/retry`: the same new job, however often it is asked for."""
    return Call("POST", f"{path_of(uuid)}/retry", read_as(Job), safe=True)


def delete(uuid: str) -> Call[None]:
    """`DELETE /jobs/{uuid}`."""
    return Call("DELETE", path_of(uuid), reading.nothing, safe=True)


def results(uuid: str, partial: bool) -> Call[list[Row]]:
    """`GET /jobs/{uuid}/results`, as rows."""
    params = query(format="jsonl", partial="true" if partial else None)
    return Call("GET", f"{path_of(uuid)}/results", _rows, params=params, safe=True)


def results_file(uuid: str, form: str) -> Call[bytes]:
    """The same as a file."""
    return Call(
        "GET", f"{path_of(uuid)}/results", reading.content, params={"format": form}, safe=True
    )


def _documented(asked: dict[str, Any], wishes: BulkWishes | JobWishes) -> Call[Job]:
    body = asked | {
        "id": wishes.get("id"),
        "model": wishes.get("model"),
        "modelVersion": wishes.get("version"),
        "top": wishes.get("top"),
        "minConfidence": wishes.get("min_confidence"),
        "include": _several(wishes.get("include")),
        "exclude": _several(wishes.get("exclude")),
        "layer": wishes.get("layer"),
        "deadline": wishes.get("deadline"),
        "webhook": _webhook(wishes),
    }
    said = {name: value for name, value in body.items() if value is not None}
    headers = key_header(wishes) | JSON
    content = json.dumps(said).encode()
    return Call("POST", "/jobs", read_as(Job), headers=headers, content=content)


def _several(given: Any) -> list[str] | None:
    return None if given is None else [given] if isinstance(given, str) else list(given)


def _webhook(wishes: BulkWishes | JobWishes) -> dict[str, Any] | None:
    if "webhook" not in wishes:
        return None
    events = {"events": list(wishes["events"])} if "events" in wishes else {}
    return {"url": wishes["webhook"]} | events


def _rows(reply: Reply) -> list[Row]:
    reading.nothing(reply)
    try:
        return [Row.model_validate_json(line) for line in reply.content.splitlines()]
    except ValidationError as error:
        raise errors.NotUnderstood("Results of no form that is known.") from error
