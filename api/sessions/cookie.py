"""What a browser holds, and what its page must say besides.

One cookie: the secret of a session, or of a mere visit before there is one. HttpOnly, so that no script reads
it; SameSite=Strict, so that no other site's link or form sends it. What changes something must also carry a
token that is made of the secret, which only a page of ours was told.
"""

import hashlib
import hmac
import secrets
from collections.abc import Sequence

from starlette.requests import HTTPConnection
from starlette.responses import Response

NAME = "ccloud-session"
# A browser takes a cookie of this name over TLS only, and from this host alone (RFC 6265bis, 4.1.3.2).
SAFE_NAME = "__Host-ccloud-session"
VISIT = "v."  # begins the secret of a visit
HEADER = "X-CSRF-Token"
FIELD = "csrf"
SAME = ("same-origin", "none")  # Sec-Fetch-Site of a page of ours, and of a person's own


def secret(request: HTTPConnection, proxies: int) -> str | None:
    """The secret that the request shows; None without one."""
    # Other applications of the host put cookies beside ours that no standard allows: JSON, for example.
    return request.cookies.get(name(request, proxies))


def name(request: HTTPConnection, proxies: int) -> str:
    """The cookie's, on this connection."""
    return SAFE_NAME if encrypted(request, proxies) else NAME


def encrypted(request: HTTPConnection, proxies: int) -> bool:
    """Whether the browser speaks TLS, to us or to a proxy that we trust."""
    if proxies:
        return request.headers.get("x-forwarded-proto", "").split(",")[-1].strip() == "https"
    return request.url.scheme == "https"


def visit() -> str:
    """A secret for whoever has no session yet."""
    return VISIT + secrets.token_urlsafe(24)


def token(held: str) -> str:
    """What a page of ours says besides the cookie with this secret."""
    return hmac.new(held.encode(), b"csrf", hashlib.sha256).hexdigest()


def put(
    response: Response, request: HTTPConnection, proxies: int, held: str, lasts: float | None
) -> None:
    """Have the browser hold a secret, for so many seconds; until it is closed if None."""
    response.set_cookie(
        name(request, proxies),
        held,
        max_age=None if lasts is None else int(lasts),
        path="/",
        secure=encrypted(request, proxies),
        httponly=True,
        samesite="strict",
    )


def genuine(request: HTTPConnection, held: str | None, shown: Sequence[str | None]) -> bool:
    """Whether a page of ours sent this request: it has the token of the cookie, and comes from nowhere else.

    Args:
        held: the cookie's secret.
        shown: tokens that came with the request; any will do.
    """
    site = request.headers.get("sec-fetch-site")
    if site is not None and site not in SAME:
        return False
    if held is None:
        return False
    wanted = token(held)
    return any(hmac.compare_digest(wanted, each) for each in shown if each and each.isascii())
