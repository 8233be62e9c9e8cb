"""What the fetcher asks for, and what it makes of an origin's answer."""

import asyncio

import pytest

from tests.unit.worker.origin import PICTURE, fetch, fetching, origin, page, refused
from wire.errors import ServiceError


async def test_a_picture_comes_whole():
    assert await fetch(page(PICTURE)) == PICTURE


async def test_what_the_origin_is_told():
    async with origin({"/a/%20?q=1": page(b"x")}) as server, fetching(server.host) as fetcher:
        await fetcher.fetch(f"http://{server.host}/a/%20?q=1#part")
    head = server.requests[0].decode().lower()
    assert head.startswith("get /a/%20?q=1 http/1.1\r\n")
    assert f"host: {server.host}\r\n" in head
    assert "accept: image/*" in head
    assert "user-agent: classifycloud" in head
    assert "cookie" not in head


async def test_a_connection_is_used_again():
    async with origin({"/x": page(b"x")}) as server, fetching(server.host) as fetcher:
        for _ in range(5):
            await fetcher.fetch(f"http://{server.host}/x")
    assert server.connections == 1


async def test_no_cookie_is_kept():
    pages = {"/x": page(b"x", "Set-Cookie: a=b")}
    async with origin(pages) as server, fetching(server.host) as fetcher:
        await fetcher.fetch(f"http://{server.host}/x")
        await fetcher.fetch(f"http://{server.host}/x")
    assert b"cookie" not in server.requests[1].lower()


PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "FTP_PROXY", "SOCKS_PROXY")


@pytest.mark.parametrize("scheme", ["http", "socks5"])
async def test_no_proxy_of_the_environment_is_used(monkeypatch, scheme):
    async with origin({}) as tripwire, origin({"/x": page(b"x")}) as server:
        for name in (*PROXIES, *(name.lower() for name in PROXIES)):
            monkeypatch.setenv(name, f"{scheme}://{tripwire.host}")
        monkeypatch.setenv("NO_PROXY", "")
        async with fetching(server.host) as fetcher:
            assert await fetcher.fetch(f"http://{server.host}/x") == b"x"
    assert (tripwire.connections, server.connections) == (0, 1)


async def test_nothing_of_the_user_s_home_is_sent(monkeypatch, tmp_path):
    (tmp_path / ".netrc").write_text("machine 127.0.0.1 login me password secret")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("NETRC", str(tmp_path / ".netrc"))
    async with origin({"/x": page(b"x")}) as server, fetching(server.host) as fetcher:
        await fetcher.fetch(f"http://{server.host}/x")
    assert b"authorization" not in server.requests[0].lower()


@pytest.mark.parametrize("status", [201, 204, 206, 304, 400, 403, 404, 410, 429, 500, 503])
async def test_any_status_but_200_is_told(status):
    answer = f"HTTP/1.1 {status} Something\r\nContent-Length: 0\r\n\r\n".encode()
    assert await refused(answer) == "upstream_status"


async def test_nobody_listening_is_unreachable():
    async with origin({}) as server:
        pass
    async with fetching(server.host) as fetcher:
        with pytest.raises(ServiceError) as caught:
            await fetcher.fetch(f"http://{server.host}/x")
    assert caught.value.code == "upstream_unreachable"


async def test_an_idle_connection_that_the_origin_closed_is_made_anew():
    pages = {"/x": (page(b"x"), None)}
    async with origin(pages) as server, fetching(server.host) as fetcher:
        for _ in range(3):
            assert await fetcher.fetch(f"http://{server.host}/x") == b"x"


async def test_many_at_once():
    pages = {f"/{at}": (0.02, page(b"%d" % at)) for at in range(50)}
    async with origin(pages) as server, fetching(server.host) as fetcher:
        found = await asyncio.gather(
            *(fetcher.fetch(f"http://{server.host}/{at}") for at in range(50))
        )
    assert found == [b"%d" % at for at in range(50)]
    assert server.connections <= 32  # twice the 16 that a worker fetches at once
