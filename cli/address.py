"""The service's address, as `--url` takes it."""

from ipaddress import ip_address
from typing import Annotated

import typer


def checked(url: str) -> str:
    """The address as it is; typer.BadParameter, which ends with status 2, when it cannot be one."""
    import httpx

    try:
        parsed = httpx.URL(url)
    except httpx.InvalidURL as error:
        raise typer.BadParameter(f"{url!r}: {error}. {REMEDY}") from error
    if parsed.scheme not in ("http", "https") or not parsed.host:
        raise typer.BadParameter(f"{url!r} is no address of a service. {REMEDY}")
    return url


def is_loopback(host: str) -> bool:
    """Whether a host, a name or an address without brackets, is this machine itself."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


REMEDY = "One looks like http://127.0.0.1:8000."
Url = Annotated[str, typer.Option(help="The service.", callback=checked)]
