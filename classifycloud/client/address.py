"""Where a service is."""

from ipaddress import ip_address

import httpx

LOCAL = "http://127.0.0.1:8000"
"""Where `classifycloud up` listens."""


def checked(url: str) -> str:
    """The address without a slash at its end.

    Raises:
        ValueError: it cannot be one of a service.
    """
    try:
        parsed = httpx.URL(url)
    except httpx.InvalidURL as error:
        raise ValueError(f"{url!r}: {error}. One looks like {LOCAL}.") from error
    if parsed.scheme not in ("http", "https") or not parsed.host:
        raise ValueError(f"{url!r} is no address of a service. One looks like {LOCAL}.")
    return url.rstrip("/")


def is_loopback(url: str) -> bool:
    """Whether a checked address is on this machine itself."""
    host = httpx.URL(url).host
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
