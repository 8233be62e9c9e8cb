"""Every hop is judged like the first: no redirect leads where a URL may not."""

import pytest

from tests.unit.worker.origin import PICTURE, Canned, fetching, moved, origin, page, refused
from wire.errors import BlockedAddress, ServiceError
from wire.outside.guard import GuardedBackend
from worker.fetch import Fetcher


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
        ("http://127.\t0.0.1/", "upstream_protocol"),
        ("http:\\\\127.0.0.1/", "upstream_protocol"),
        ("/" + "a" * 2048, "upstream_protocol"),
        ("http://①②⑦.⓪.⓪.①/", "blocked_address"),
        ("http://%31%32%37.0.0.1/", "blocked_address"),
        ("//[::1%25lo]:{tripwire}/", "blocked_address"),
        ("http://example.com:{tripwire}/", "blocked_port"),
        ("https://a.localhost/", "blocked_address"),
    ],
)
async def test_a_redirect_is_judged_like_the_first_url(location, code):
    async with origin({}) as tripwire:
        pages = {"/x": moved(location.replace("{tripwire}", str(tripwire.port)))}
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


SECRETS = (b"cookie", b"authorization", b"referer", b"origin", b"x-forwarded", b"secret")


async def test_nothing_is_carried_from_one_hop_to_the_next():
    async with origin({"/y": page(PICTURE)}) as second:
        first_page = moved(f"http://{second.host}/y").replace(
            b"Content-Length: 0", b"Content-Length: 0\r\nSet-Cookie: session=secret; Path=/"
        )
        async with (
            origin({"/x?token=secret": first_page}) as first,
            fetching(first.host, second.host) as fetcher,
        ):
            assert await fetcher.fetch(f"http://{first.host}/x?token=secret") == PICTURE
    (asked,) = second.requests
    assert not [name for name in SECRETS if name in asked.lower()]
    assert f"host: {second.host}".encode() in asked.lower()


async def test_a_redirect_without_an_end_is_given_up():
    async with origin({"/x": moved("/x")}) as server, fetching(server.host) as fetcher:
        with pytest.raises(ServiceError) as caught:
            await fetcher.fetch(f"http://{server.host}/x")
    assert caught.value.code == "too_many_redirects"
    assert len(server.requests) == 6


async def test_a_name_that_turns_private_between_two_hops_is_refused():
    """Each new dial looks the name up again; a host that lets go of its connection is dialed again."""
    wire = Canned(moved("/y"))
    answers = [["93.184.215.14"], ["93.184.215.14", "10.0.0.1"]]

    async def turning(host, port):
        return answers.pop(0)

    fetcher = Fetcher(turning)
    fetcher._pool._network_backend = GuardedBackend(turning, frozenset(), wire)
    with pytest.raises(BlockedAddress):
        await fetcher.fetch("http://turning.example/x")
    assert answers == []
    assert wire.dialed == [("93.184.215.14", 80)]
