"""Bodies that ask for a bulk job, as the OpenAPI document has them."""

from typing import Any

from api.bulk.front import LINES
from api.bulk.kept import MOST
from api.bulk.manifest import LONGEST_ID
from api.jobs.request import JobRequest

URL = {"type": "string", "description": "http, https, or s3 of a bucket that may be read"}
ROW = {
    "anyOf": [
        URL,
        {
            "type": "object",
            "required": ["url"],
            "properties": {
                "url": URL,
                "id": {"type": "string", "pattern": f"^[!-~]{{1,{LONGEST_ID}}}$"},
            },
        },
    ]
}
LIST = {"type": "array", "items": ROW, "minItems": 1, "maxItems": MOST}


def _asking(name: str, schema: dict[str, Any]) -> dict[str, Any]:
    """An object with this in the place of one picture's URL."""
    whole = JobRequest.model_json_schema(by_alias=True)
    others = {
        key: about
        for key, about in whole["properties"].items()
        if key not in ("imageUrl", "id", "layer")
    }
    return whole | {
        "title": f"Bulk job by {name}",
        "description": "Many pictures, and how their job is to be kept.",
        "properties": {name: schema} | others,
        "required": [name],
    }


PREFIX = {"type": "string", "pattern": "^s3://", "examples": ["s3://my-pictures/2026/"]}
BULK: list[dict[str, Any]] = [LIST, _asking("urls", LIST), _asking("prefix", PREFIX)]
BODIES: dict[str, Any] = {
    kind: {"schema": {"type": "string", "description": "a URL in quotes, or an object, a line"}}
    for kind in LINES
}
