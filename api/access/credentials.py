"""The key that a request shows: `Authorization: Bearer KEY` or `X-API-Key: KEY`."""

from starlette.datastructures import Headers

from wire.errors import Unauthorized

TWO = "Two different keys came with the request; send one."


def shown(headers: Headers) -> str | None:
    """The key as it was sent, whatever it is; None when none was.

    Another scheme than Bearer is none of ours: a proxy in front may have one of its own.

    Raises:
        Unauthorized: several keys came that are not the same.
    """
    sent = [key.strip() for key in headers.getlist("x-api-key")]
    for value in headers.getlist("authorization"):
        scheme, _, key = value.strip().partition(" ")
        if scheme.lower() == "bearer":
            sent.append(key.strip())
    if len(set(sent)) > 1:
        raise Unauthorized(TWO)
    return sent[0] if sent else None
