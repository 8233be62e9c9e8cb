"""Where everybody may operate, by the one address that only this machine reaches.

A page from anywhere can have its own name lead to 127.0.0.1, and is then of one origin with this one: cookies
and tokens do not help (DNS rebinding). The name that it asks for gives it away.
"""

from ipaddress import ip_address

from starlette.requests import Request

from wire.errors import Forbidden
from wire.settings import ApiSettings

REBOUND = (
    "Here everybody may operate, and so only by this machine's own name: localhost or 127.0.0.1."
)
LOCAL = "localhost"


class Here:
    """Checks names, where access is public and the replica listens to its own machine, without a proxy."""

    def __init__(self, settings: ApiSettings) -> None:
        public = settings.access == "public" and not settings.proxies
        self._wanted = public and _loopback(settings.host)

    def check(self, request: Request) -> None:
        """Raises Forbidden where the request's name is not this machine's."""
        if self._wanted and not _loopback(request.url.hostname or ""):
            raise Forbidden(REBOUND)


def _loopback(host: str) -> bool:
    if host.lower() == LOCAL or host.lower().endswith(f".{LOCAL}"):
        return True
    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False
