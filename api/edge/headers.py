"""Headers that tell browsers to do nothing with an answer but show it; on every answer there is."""

from starlette.types import ASGIApp, Message, Receive, Scope, Send

# For answers that are no page: nothing is loaded, run or framed.
NOTHING = b"default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
ALWAYS: tuple[tuple[bytes, bytes], ...] = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"x-frame-options", b"DENY"),
    (b"content-security-policy", NOTHING),
    (b"cache-control", b"no-store"),
)


class SecurityHeaders:
    """ASGI middleware: adds each of these headers to an answer that does not say otherwise itself."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                said = {name for name, _ in message["headers"]}
                rest = (pair for pair in ALWAYS if pair[0] not in said)
                message["headers"] = [*message["headers"], *rest]
            await send(message)

        await self._app(scope, receive, with_headers)
