"""Keeps web pages away from the local endpoints, which ask nobody for a password.

A page in a browser on this machine can send requests to 127.0.0.1, also under a name of its own
that resolves there. SDKs send no Origin header and address the endpoint by a loopback name.
"""

from local.endpoint import ASGIApp, Receive, Scope, Send

_LOOPBACK = (b"127.0.0.1", b"localhost", b"[::1]")
_REFUSAL = b"Requests of web pages, and for other hosts than 127.0.0.1 or localhost, are refused.\n"


class LoopbackOnly:
    """ASGI middleware: 403 for what a browser sent or what is meant for another host."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and not _trusted(dict(scope["headers"])):
            headers = [
                (b"content-type", b"text/plain; charset=utf-8"),
                (b"content-length", str(len(_REFUSAL)).encode()),
            ]
            await send({"type": "http.response.start", "status": 403, "headers": headers})
            await send({"type": "http.response.body", "body": _REFUSAL})
            return
        await self._app(scope, receive, send)


def _trusted(headers: dict[bytes, bytes]) -> bool:
    host = headers.get(b"host", b"")
    name = host if host.endswith(b"]") else host.rpartition(b":")[0] or host
    browser = b"origin" in headers or headers.get(b"sec-fetch-site", b"none") != b"none"
    return name in _LOOPBACK and not browser
