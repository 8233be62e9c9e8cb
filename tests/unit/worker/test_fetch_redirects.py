"""Every hop is judged like the first: no redirect leads where a URL may not."""

import pytest

from tests.unit.worker.origin import PICTURE, fetching, moved, origin, page, refused
from wire.errors import ServiceError


async def test_a_redirect_without_a_place_is_a_status():
    assert await refused(b"HTTP/1.1 302 Found\r\nContent-Length: 0\r\n\r\n") == "upstream_status"


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_redirects_are_followed(status):
    pages = {"/x": moved("/deep/../y?q=1", status), "/y?q=1": page(PICTURE)}
    async with origin(pages) as server, fetching(server.host) as fetcher:
        assert await fetcher.fetch(f"http://{server.host}/x") == PICTURE


async def test_five_redirects_are_followed_and_six_are_not():
    pages = {f"/{at}": moved(f"/{at + 1}") for at in range(6)} | {"/6": page(b"x")}
    async with origin(pages) as server, fetching(server.host) as fetcher:
        assert await fetcher.fetch(f"http://{server.host}/1") == b"x"
        with pytest.raises(ServiceError) as caught:
            await fetcher.fetch(f"http://{server.host}/0")
    assert caught.value.code == "too_many_redirects"


@pytest.mark.parametrize(
    ("location", "code"),
    [
        ("http://127.0.0.1:{tripwire}/", "blocked_address"),
        ("http://localhost:{tripwire}/", "blocked_address"),
        ("http://localhost/", "blocked_address"),
        ("//127.0.0.1:{tripwire}/", "blocked_address"),
        ("http://2130706433/", "blocked_address"),
        ("http://[::1]/", "blocked_address"),
        ("http://169.254.169.254/latest/meta-data/", "blocked_address"),
        ("http://user:secret@127.0.0.1:{tripwire}/", "credentials_in_url"),
        ("file:///etc/passwd", "unsupported_scheme"),
        ("gopher://127.0.0.1:{tripwire}/", "unsupported_scheme"),
        ("http://[::1/", "upstream_protocol"),
        ("http://exa mple.com/", "upstream_protocol"),
    ],
)
async def test_a_redirect_is_judged_like_the_first_url(location, code):
    async with origin({}) as tripwire:
        pages = {"/x": moved(location.format(tripwire=tripwire.port))}
        async with origin(pages) as server, fetching(server.host) as fetcher:
            with pytest.raises(ServiceError) as caught:
                await fetcher.fetch(f"http://{server.host}/x")
    assert caught.value.code == code
    assert tripwire.connections == 0


async def test_what_is_not_allowed_by_name_is_not_dialed():
    async with origin({}) as tripwire, fetching("samples.local:80") as fetcher:
        for url in (
            f"http://127.0.0.1:{tripwire.port}/",
            f"http://localhost:{tripwire.port}/",
            f"http://2130706433:{tripwire.port}/",
            f"http://[::ffff:127.0.0.1]:{tripwire.port}/",
        ):
            with pytest.raises(ServiceError):
                await fetcher.fetch(url)
    assert tripwire.connections == 0
