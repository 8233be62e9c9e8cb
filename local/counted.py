"""Counts the requests to S3 by the names of its API, and shows them on GET /_counts.

In memory, from the start of the process. No bucket can be named so.
"""

from collections import Counter

from local import s3_names
from local.endpoint import ASGIApp, Receive, Scope, Send

_PATH = "/_counts"
_NAME = "s3_requests_total"


class Counted:
    """ASGI middleware."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._counts: Counter[str] = Counter()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"] == _PATH:
            await self._show(send)
            return
        if scope["type"] == "http":
            action = s3_names.action(scope["method"], scope["path"], dict(scope["headers"]))
            if action is not None:
                self._counts[action] += 1
        await self._app(scope, receive, send)

    async def _show(self, send: Send) -> None:
        lines = [f"# TYPE {_NAME} counter"]
        lines += [f'{_NAME}{{action="{name}"}} {n}' for name, n in sorted(self._counts.items())]
        body = "\n".join([*lines, ""]).encode()
        headers = [
            (b"content-type", b"text/plain; version=0.0.4; charset=utf-8"),
            (b"content-length", str(len(body)).encode()),
        ]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})
