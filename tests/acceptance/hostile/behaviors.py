"""What honest addresses serve, good and bad: a path, and what whoever asks for it gets."""

import asyncio
import contextlib
from collections.abc import Iterable
from urllib.parse import parse_qs

from tests.acceptance.hostile import bodies, pieces
from tests.acceptance.hostile.origin import Behavior, Exchange, page
from tests.acceptance.hostile.pictures import picture

OK = b"HTTP/1.1 200 OK\r\n"
CHUNKED = OK + b"Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
RED, GREEN, BLUE = (picture(color) for color in ("red", "green", "blue"))
MORE_THAN_LIMIT = 11_000_000
PATIENCE_S = 60  # of an origin that holds a connection open; the fetcher leaves long before


def _says(*pieces: bytes) -> Behavior:
    async def behavior(exchange: Exchange) -> None:
        await exchange.send(*pieces)

    return behavior


def _coded(coding: str, body: bytes) -> Behavior:
    return _says(page(body, "200 OK", f"Content-Encoding: {coding}"))


def _slowly(pieces: Iterable[bytes], pause: float) -> Behavior:
    async def behavior(exchange: Exchange) -> None:
        for piece in pieces:
            await exchange.send(piece)
            await asyncio.sleep(pause)

    return behavior


def _flood(head: bytes, piece: bytes, times: int) -> Behavior:
    async def behavior(exchange: Exchange) -> None:
        await exchange.send(head)
        for _ in range(times):
            await exchange.send(piece)

    return behavior


def _after_failures(failures: int, status: str) -> Behavior:
    """Fails for so many requests, then serves the picture; a target of its own for each case."""
    seen: dict[str, int] = {}

    async def behavior(exchange: Exchange) -> None:
        target = exchange.request.target
        seen[target] = seen.get(target, 0) + 1
        failed = seen[target] <= failures
        await exchange.send(page(b"not now", status) if failed else page(RED))

    return behavior


async def redirect(exchange: Exchange) -> None:
    """`/redirect?to=…&status=…`"""
    asked = parse_qs(
        exchange.request.target.partition("?")[2], keep_blank_values=True, encoding="latin-1"
    )
    status = asked.get("status", ["302"])[0]
    await exchange.send(page(b"", f"{status} Elsewhere", f"Location: {asked['to'][0]}"))


async def hops(exchange: Exchange) -> None:
    """`/hops?N` leads to the picture by way of N redirects."""
    left = int(exchange.request.target.partition("?")[2])
    to = f"/hops?{left - 1}"
    await exchange.send(page(RED) if left == 0 else page(b"", "302 On", f"Location: {to}"))


async def sets_cookie(exchange: Exchange) -> None:
    """Sets a cookie and sends the fetcher round once more."""
    if "again" in exchange.request.target:
        honest = not {"cookie", "authorization", "referer"} & set(exchange.request.headers)
        await exchange.send(page(RED) if honest else page(b"a cookie came back", "500 Oh"))
        return
    cookie = "Set-Cookie: who=you; Domain=.test; Path=/"
    await exchange.send(page(b"", "302 On", cookie, "Location: /cookie?again"))


async def reset(exchange: Exchange) -> None:
    exchange.reset()


async def reset_midway(exchange: Exchange) -> None:
    await exchange.send(OK + b"Content-Length: 100000\r\n\r\n" + RED)
    await asyncio.sleep(0.2)
    exchange.reset()


async def silence(exchange: Exchange) -> None:
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(exchange.reader.read(), PATIENCE_S)


GOOD: dict[str, Behavior] = {
    "/red": _says(page(RED)),
    "/green": _says(page(GREEN)),
    "/blue": _says(page(BLUE)),
    "/chunked": _says(CHUNKED, bodies.chunked(RED)),
    "/until-close": _says(OK + b"Connection: close\r\n\r\n" + RED),
    "/http-1.0": _says(b"HTTP/1.0 200 OK\r\n\r\n" + RED),
    "/html-type": _says(page(RED, "200 OK", "Content-Type: text/html")),
    "/early-hint": _says(b"HTTP/1.1 103 Early Hints\r\n\r\n", page(RED)),
    "/gzip": _coded("gzip", bodies.gzip.compress(RED)),
    "/deflate": _coded("deflate", bodies.deflated(RED)),
    "/raw-deflate": _coded("deflate", bodies.raw_deflated(RED)),
    "/br": _coded("br", bodies.stored(RED)),
    "/cookie": sets_cookie,
    "/redirect": redirect,
    "/hops": hops,
    "/png-bomb": _says(page(pieces.header(20000, 20000))),
    "/hop-too-long": _says(page(b"", "302 On", f"Location: /{'a' * 2048}")),
    "/5xx-once": _after_failures(1, "503 Busy"),
}

STATUSES: dict[str, Behavior] = {
    f"/status-{code}": _says(page(RED if code in {201, 203, 206} else b"", f"{code} So"))
    for code in (201, 203, 206, 300, 302, 304, 305, 400, 401, 403, 404, 407, 410, 418, 429)
} | {f"/status-{code}": _says(page(b"oh", f"{code} Oh")) for code in (500, 502, 503, 599)}
STATUSES["/status-204"] = _says(b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n")
STATUSES["/status-101"] = _says(
    b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n" + RED
)

BROKEN: dict[str, Behavior] = {
    "/empty": _says(page(b"")),
    "/nothing": _says(),
    "/half-a-head": _says(b"HTTP/1.1 200 OK\r\nContent-Le"),
    "/length-too-long": _says(OK + b"Content-Length: 100000\r\nConnection: close\r\n\r\n" + RED),
    "/length-too-short": _says(OK + b"Content-Length: 40\r\nConnection: close\r\n\r\n" + RED),
    "/length-negative": _says(OK + b"Content-Length: -5\r\n\r\n" + RED),
    "/length-text": _says(OK + b"Content-Length: many\r\n\r\n" + RED),
    "/length-huge": _says(OK + b"Content-Length: " + b"9" * 40 + b"\r\n\r\n" + RED),
    "/lengths-differ": _says(OK + b"Content-Length: 9\r\nContent-Length: 99\r\n\r\n" + RED),
    "/chunk-broken": _says(CHUNKED, b"zz\r\n", RED),
    "/chunk-negative": _says(CHUNKED, b"-5\r\n", RED),
    "/chunk-cut": _says(CHUNKED, b"fff\r\n", RED),
    "/chunk-huge": _says(CHUNKED, b"f" * 30 + b"\r\n", RED),
    "/chunk-endless-size": _flood(CHUNKED, b"0" * 65536, 200),
    "/smuggled": _says(OK + b"Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n", RED),
    "/coding-unknown": _says(OK + b"Transfer-Encoding: magic\r\n\r\n" + RED),
    "/garbage": _says(b"\0\1\2 I am no web server \xff\xfe\r\n\r\n" * 10),
    "/ssh": _says(b"SSH-2.0-OpenSSH_9.9\r\n\r\n"),
    "/http-0.9": _says(RED),
    "/http-9.9": _says(b"HTTP/9.9 200 OK\r\n\r\n" + RED),
    "/status-text": _says(b"HTTP/1.1 two hundred OK\r\n\r\n" + RED),
    "/header-folded": _says(OK + b"X-A: b\r\n c: d\0e\r\nConnection: close\r\n\r\n" + RED),
    "/header-without-colon": _says(OK + b"no colon here\r\n\r\n" + RED),
    "/header-flood": _flood(OK, b"X-Flood: " + b"a" * 8000 + b"\r\n", 4000),
    "/header-endless": _flood(OK + b"X-Long: ", b"a" * 65536, 400),
    "/continue-flood": _flood(b"", b"HTTP/1.1 100 Continue\r\n\r\n" * 1000, 4000),
    "/reset": reset,
    "/reset-midway": reset_midway,
}

LARGE: dict[str, Behavior] = {
    "/11-mb-declared": _flood(
        OK + b"Content-Length: %d\r\n\r\n" % MORE_THAN_LIMIT, RED + bytes(1 << 16), 170
    ),
    "/11-mb-undeclared": _flood(OK + b"Connection: close\r\n\r\n", RED + bytes(1 << 16), 170),
    "/11-mb-chunked": _says(CHUNKED, bodies.chunked(bytes(MORE_THAN_LIMIT), 1 << 20)),
    "/endless": _flood(OK + b"Connection: close\r\n\r\n", bytes(1 << 16), 10_000),
    "/gzip-bomb": _coded("gzip", bodies.bomb()),
    "/gzip-bomb-nested": _coded("gzip, gzip", bodies.nested_bomb()),
    "/gzip-bomb-hidden": _coded("gzip", bodies.nested_bomb()),
    "/gzip-members": _coded("gzip", bodies.many_members(RED)),
    "/gzip-cut": _coded("gzip", bodies.gzip.compress(RED)[:-20]),
    "/gzip-not": _coded("gzip", RED),
    "/deflate-bomb": _coded("deflate", bodies.deflated(bytes(64 << 20))),
    "/br-not": _coded("br", b"\xff" * 400),
    "/zstd": _coded("zstd", b"\x28\xb5\x2f\xfd" + bytes(100)),
    "/coding-stack": _coded(", ".join(["gzip"] * 100), bodies.gzip.compress(RED)),
    "/coding-invented": _coded("magic", RED),
}

SLOW: dict[str, Behavior] = {
    "/silence": silence,
    "/slow-head": _slowly([OK, *[b"X-A: b\r\n"] * PATIENCE_S], 1.0),
    "/slow-body": _slowly(
        [OK + b"Content-Length: 100000\r\n\r\n", *([b"\x89"] * 2 * PATIENCE_S)], 0.5
    ),
    "/slow-chunks": _slowly([CHUNKED, *([b"1\r\nP\r\n"] * 2 * PATIENCE_S)], 0.5),
}

ALL = GOOD | STATUSES | BROKEN | LARGE | SLOW
