"""What somebody without a key may ask for where keys are asked for: what the public page needs, and no more.

Visitors share one name, so that whatever is found by a name is closed to them: a job's chosen id, an
Idempotency key, a count of unfinished bulk jobs. Ids of 122 random bits are left, which are secrets. And one
request is about one picture, so that a quota of requests is one of pictures.
"""

import re

from starlette.requests import Request

from wire.errors import Forbidden

_ID = "[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"
_OPEN = re.compile(
    rf"(GET|POST) /classify|(GET|DELETE) /jobs/{_ID}|GET /jobs/{_ID}/events|POST /jobs/{_ID}/cancel"
)
CLOSED = (
    "Without a key: /classify, and the jobs that it has made of pictures, by the ids that it gave."
)
UNNAMED = "Without a key there is no Idempotency-Key."


def check(request: Request) -> None:
    """Refuse what visitors may not.

    Raises:
        Forbidden
    """
    if not _OPEN.fullmatch(f"{request.method} {request.scope['path']}"):
        raise Forbidden(CLOSED)
    if "idempotency-key" in request.headers:
        raise Forbidden(UNNAMED)
