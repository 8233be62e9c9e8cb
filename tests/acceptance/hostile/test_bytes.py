"""Bytes that are no pictures, are broken, or are bombs: refused in time and by name, nothing else happens."""

from collections.abc import Callable, Iterator

import pytest

from tests.acceptance.hostile import bombs, damaged, not_pictures
from tests.acceptance.hostile.case import (
    CRASHED,
    FORMAT,
    IMAGE,
    PARAMETER,
    PIXELS,
    RED,
    TOO_LARGE,
    Verdicts,
)
from tests.acceptance.hostile.client import Reply, WorldClient
from tests.acceptance.hostile.judge import Judge
from tests.acceptance.hostile.memory import GROWTH, PEAK
from tests.acceptance.hostile.pictures import picture

pytestmark = pytest.mark.acceptance
BOUNDARY = "multipart/form-data; boundary=xx"


@pytest.fixture(scope="module", autouse=True)
def same_worker(world: WorldClient) -> Iterator[None]:
    """None of these files costs a worker, or leaves memory or zombies behind."""
    before = world.processes()
    yield
    after = world.processes()
    assert after["workers"] == before["workers"], "a worker was lost"
    assert not after["zombies"]
    assert after["peak"] < PEAK
    assert after["bytes"] - before["bytes"] < GROWTH, f"{before} {after}"


def _posted(judge: Judge, file: bytes, expected: Verdicts) -> Reply:
    reply = judge.world.post(file)
    judge.packets(reply)
    judge.verdict(reply, expected)
    judge.next_good()
    return reply


@pytest.mark.parametrize("name", not_pictures.FILES)
def test_what_is_no_picture(judge: Judge, name: str) -> None:
    _posted(judge, not_pictures.FILES[name], FORMAT)


@pytest.mark.parametrize("name", damaged.FILES)
def test_a_broken_picture(judge: Judge, name: str) -> None:
    _posted(judge, *damaged.FILES[name])


@pytest.mark.parametrize("name", bombs.BOMBS)
def test_a_bomb(judge: Judge, name: str) -> None:
    make, expected = bombs.BOMBS[name]
    _posted(judge, make(), expected)


@pytest.mark.parametrize("name", bombs.HEAVY)
def test_a_heavy_picture(judge: Judge, name: str) -> None:
    _posted(judge, bombs.HEAVY[name](), RED + IMAGE + CRASHED)


def test_the_heaviest_at_once(judge: Judge) -> None:
    """As many as wait, no more than there are decoders are opened."""
    heaviest = bombs.HEAVY["png-49-megapixels-rgba"]()
    replies = judge.world.volley([heaviest] * 4, 4)
    assert {status for status, _ in replies} <= {200, 422}, replies
    judge.next_good()


def _form(*parts: tuple[str, bytes]) -> bytes:
    joined = b"".join(
        b"--xx\r\n" + head.encode() + b"\r\n\r\n" + body + b"\r\n" for head, body in parts
    )
    return joined + b"--xx--\r\n"


FILE = 'Content-Disposition: form-data; name="file"; filename="a.png"'
OTHER = FILE.replace('"file"', '"other"')
FORMS: dict[str, tuple[str, bytes, Verdicts]] = {
    "good": (BOUNDARY, _form((FILE, picture("red"))), RED),
    "path-as-name": (
        BOUNDARY,
        _form((FILE.replace("a.png", "../../../etc/passwd"), picture("red"))),
        RED,
    ),
    "nul-in-name": (
        BOUNDARY,
        _form((FILE.replace("a.png", "a\0.png"), picture("red"))),
        RED + PARAMETER,
    ),
    "no-boundary": ("multipart/form-data", _form((FILE, picture("red"))), PARAMETER),
    "other-boundary": (
        "multipart/form-data; boundary=yy",
        _form((FILE, picture("red"))),
        PARAMETER,
    ),
    "boundary-of-a-kilobyte": (f"multipart/form-data; boundary={'x' * 1000}", b"--", PARAMETER),
    "cut": (BOUNDARY, _form((FILE, picture("red")))[:-40], PARAMETER),
    "head-cut": (BOUNDARY, b"--xx\r\nContent-Dispo", PARAMETER),
    "empty": (BOUNDARY, b"", PARAMETER),
    "end-alone": (BOUNDARY, b"--xx--\r\n", PARAMETER),
    "no-file": (BOUNDARY, _form(('Content-Disposition: form-data; name="a"', b"b")), PARAMETER),
    "text-as-file": (
        BOUNDARY,
        _form(('Content-Disposition: form-data; name="file"', b"b")),
        PARAMETER,
    ),
    "other-field": (BOUNDARY, _form((OTHER, picture("red"))), PARAMETER),
    "two-files": (BOUNDARY, _form((FILE, picture("red")), (FILE, picture("green"))), PARAMETER),
    "hundred-fields": (
        BOUNDARY,
        _form(*[(f'Content-Disposition: form-data; name="f{n}"', b"b") for n in range(100)]),
        PARAMETER,
    ),
    "header-flood": (
        BOUNDARY,
        _form((FILE + "\r\nX-Flood: y" * 50_000, picture("red"))),
        PARAMETER + TOO_LARGE + RED,
    ),
    "empty-file": (BOUNDARY, _form((FILE, b"")), FORMAT),
    "file-too-large": (BOUNDARY, _form((FILE, bytes(11_000_000))), TOO_LARGE),
    "nested": (
        BOUNDARY,
        _form((FILE + "\r\nContent-Type: multipart/mixed; boundary=yy", b"--yy\r\n\r\n--yy--")),
        FORMAT,
    ),
    "url-encoded": ("application/x-www-form-urlencoded", b"url=http://10.1.2.3/", FORMAT),
}


@pytest.mark.parametrize("name", FORMS)
def test_a_form(judge: Judge, name: str) -> None:
    kind, body, expected = FORMS[name]
    reply = judge.world.post(body, kind)
    judge.packets(reply)
    judge.verdict(reply, expected)
    judge.next_good()


@pytest.mark.parametrize(
    ("size", "expected"), [(0, FORMAT), (10_000_000, FORMAT), (10_000_001, TOO_LARGE)]
)
def test_the_limit_of_bytes(judge: Judge, size: int, expected: Verdicts) -> None:
    _posted(judge, bytes(size), expected)


@pytest.mark.parametrize(
    "kind", ["image/svg+xml", "text/html", "application/x-php", "", "a/b; c=" * 99]
)
def test_what_the_client_calls_it_does_not_matter(judge: Judge, kind: str) -> None:
    reply = judge.world.post(picture("red"), kind)
    judge.verdict(reply, RED)
    judge.next_good()


def test_a_bomb_behind_a_url_is_refused_too(judge: Judge) -> None:
    make: Callable[[], bytes] = bombs.BOMBS["png-400-megapixels"][0]
    assert make()[:8] == picture("red")[:8]
    judge.verdict(judge.world.get("http://public.test/png-bomb"), PIXELS)
    judge.next_good()
