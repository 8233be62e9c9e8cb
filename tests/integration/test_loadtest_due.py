"""Load at its due times, against real servers that stall, refuse, hang up, speak TLS, or are cut off."""

import asyncio
import json
import os
import signal
import ssl
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from typer.testing import CliRunner

from bench.loadtest.host import hosted, marked
from bench.loadtest.lines import Lines
from bench.loadtest.run import Burst, OnTime, Progress, Sending, Terms, carry_out
from bench.loadtest.summary import Summary
from cli.main import app
from tests.unit.worker.test_fetch_tls import certificate

OK = b'HTTP/1.1 200 OK\r\nContent-Length: 16\r\n\r\n{"result":"cat"}'
COMMAND = Path(sys.executable).with_name("classifycloud")

Answer = Callable[[int], Awaitable[bytes]]
"""The answer to the request with this number; empty: hang up."""


class Server:
    """Answers each request by its number; counts requests and connections."""

    def __init__(self, answer: Answer) -> None:
        self._answer = answer
        self.requests: list[bytes] = []
        self.connections = 0
        self.url = ""

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            while True:
                self.requests.append(await reader.readuntil(b"\r\n\r\n"))
                answer = await self._answer(len(self.requests) - 1)
                writer.write(answer)
                if b"content-length" not in answer.lower() and b"chunked" not in answer:
                    break
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass
        writer.close()


@asynccontextmanager
async def serving(answer: Answer, tls: ssl.SSLContext | None = None) -> AsyncIterator[Server]:
    server = Server(answer)
    listening = await asyncio.start_server(server.serve, "127.0.0.1", 0, ssl=tls)
    scheme = "https" if tls else "http"
    server.url = f"{scheme}://localhost:{listening.sockets[0].getsockname()[1]}"
    try:
        yield server
    finally:
        listening.close()


def always(answer: bytes) -> Answer:
    async def given(_: int) -> bytes:
        return answer

    return given


async def sent(sending: Sending, server: Server, **terms: object) -> Progress:
    progress = Progress()
    pictures = (f"http://h/{n}" for n in range(10_000))
    await carry_out(sending, server.url, pictures, progress, Terms(**terms))  # type: ignore[arg-type]
    return progress


async def test_a_service_that_stalls_cannot_hide_it() -> None:
    stalled = asyncio.Event()

    async def stalls(number: int) -> bytes:
        if number == 0:
            asyncio.get_running_loop().call_later(1.0, stalled.set)
        await stalled.wait()
        return OK

    async with serving(stalls) as server:
        due = [n / 20 for n in range(20)]
        progress = await sent(OnTime(due), server)
    found = {outcome.due: outcome.seconds for outcome in progress.outcomes}
    assert len(server.requests) == 20
    assert all(found[at] >= 1.0 - at - 0.01 for at in due)


async def test_requests_leave_at_their_time_never_before_it() -> None:
    async with serving(always(OK)) as server:
        progress = await sent(OnTime([0.0, 0.05, 0.05, 0.1]), server)
    assert [outcome.late >= 0 for outcome in progress.outcomes] == [True] * 4
    assert progress.elapsed >= 0.1


async def test_a_sender_that_is_held_up_measures_it() -> None:
    async def blocks(number: int) -> bytes:
        if number == 0:
            time.sleep(0.3)  # noqa: ASYNC251  the sender shares this loop
        return OK

    async with serving(blocks) as server:
        progress = await sent(OnTime([n / 100 for n in range(30)]), server)
    late = Summary.of(progress.outcomes, 1.0).late
    assert late.lags
    assert late.longest >= 0.2


async def test_connections_are_kept_and_a_burst_opens_no_more_than_asked_for() -> None:
    async with serving(always(OK)) as server:
        progress = await sent(Burst(50, 4), server)
    assert len(progress.outcomes) == 50
    assert all(outcome.ok for outcome in progress.outcomes)
    assert server.connections <= 4


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (b'HTTP/1.1 200 OK\r\n\r\n{"result":"cat"}', "ok"),
        (
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
            b'10\r\n{"result":"cat"}\r\n0\r\n\r\n',
            "ok",
        ),
        (b"HTTP/1.1 102 Processing\r\n\r\n" + OK, "ok"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{", "no_answer"),
        (b"", "broken_connection"),
        (b"SSH-2.0-OpenSSH\r\n", "broken_connection"),
        (b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 2\r\n\r\nno", "http_502"),
    ],
)
async def test_answers_of_every_shape_are_read(answer: bytes, code: str) -> None:
    async with serving(always(answer)) as server:
        progress = await sent(Burst(2, 1), server, patience=1.0)
    assert [outcome.code for outcome in progress.outcomes] == [code] * 2


@pytest.mark.parametrize(("retries", "code", "tries"), [(0, "overloaded", 1), (2, "ok", 2)])
async def test_retry_after_is_heeded_only_when_asked(retries: int, code: str, tries: int) -> None:
    async def once(number: int) -> bytes:
        body = b'{"error":{"code":"overloaded"}}'
        head = f"HTTP/1.1 503 No\r\nRetry-After: 1\r\nContent-Length: {len(body)}\r\n\r\n".encode()
        return OK if number else head + body

    async with serving(once) as server:
        progress = await sent(Burst(1, 1), server, retries=retries)
    outcome = progress.outcomes[0]
    assert (outcome.code, outcome.tries) == (code, tries)
    assert (outcome.seconds >= 1.0) is (tries > 1)


async def test_tls_is_spoken_and_a_stranger_is_not_trusted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = certificate(tmp_path, "localhost")
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(file)
    async with serving(always(OK), context) as server:
        refused = await sent(Burst(1, 1), server)
        monkeypatch.setenv("SSL_CERT_FILE", str(file))
        trusted = await sent(Burst(1, 1), server)
    assert [refused.outcomes[0].code, trusted.outcomes[0].code] == ["no_tls", "ok"]


async def test_key_and_path_are_sent() -> None:
    async with serving(always(OK)) as server:
        lines = Lines(f"{server.url}/below/", {"X-API-Key": "k"})
        await lines.classify("http://h/a b?x=1&y=é")
        lines.close()
    head = server.requests[0].decode().splitlines()
    assert head[0] == "GET /below/classify?url=http%3A%2F%2Fh%2Fa%20b%3Fx%3D1%26y%3D%C3%A9 HTTP/1.1"
    assert "X-API-Key: k" in head


async def test_cut_off_it_waits_for_nothing_and_keeps_what_there_is() -> None:
    async def slow(number: int) -> bytes:
        if number:
            await asyncio.sleep(60)
        return OK

    async with serving(slow) as server:
        progress = Progress()
        terms = Terms()
        pictures = (f"http://h/{n}" for n in range(10))
        work = asyncio.create_task(
            carry_out(OnTime([0, 0.2, 0.3, 99]), server.url, pictures, progress, terms)
        )
        async with asyncio.timeout(30):
            while len(server.requests) < 3 or not progress.outcomes:  # noqa: ASYNC110
                await asyncio.sleep(0.01)
            work.cancel()
            await work
    assert progress.interrupted
    assert (len(progress.outcomes), progress.open) == (1, 2)


def test_ctrl_c_reports_what_there_is(tmp_path: Path) -> None:
    """The real command, a real signal, no service: every request fails at once until then."""
    page = tmp_path / "r.html"
    command = [str(COMMAND), "loadtest", "--url=http://127.0.0.1:9", "--rate=50", "--seconds=600"]
    command += [f"--urls={_listed(tmp_path)}", f"--report={page}", "--json"]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=dict(os.environ)
    ) as process:
        time.sleep(4)
        process.send_signal(signal.SIGINT)
        out, _ = process.communicate(timeout=60)
    assert process.returncode == 130
    found = json.loads(out)
    assert 0 < found["requests"] < 30_000
    assert "Nothing answers" in page.read_text()


def _listed(folder: Path) -> Path:
    file = folder / "urls.txt"
    file.write_text("https://example.com/a.jpg\n")
    return file


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--rate", "5", "--steps", "5x1"], "--rate and --steps exclude each other"),
        (["--rate", "5", "-n", "3"], "is for a burst"),
        (["--seconds", "5"], "--seconds needs --rate"),
        (["--speed", "5"], "--speed needs --trace"),
        (["--poisson"], "--poisson needs --rate or --steps"),
        (["--rate", "5", "--seconds", "5", "--spike", "9x9"], "shorter"),
        (["--steps", "5x"], "RATExSECONDS"),
        (["--rate", "inf"], "finite"),
        (["--timeout", "inf"], "finite"),
        (["--trace", "/no/such"], "cannot be read"),
        (["--urls", "/no/such"], "cannot be read"),
        (["--report", "/no/such/r.html"], "cannot be written"),
    ],
)
def test_wrong_options_are_named(options: list[str], said: str) -> None:
    result = CliRunner().invoke(app, ["loadtest", *options])
    assert result.exit_code == 2
    assert said in result.stderr


async def test_each_query_gets_bytes_of_its_own_and_others_nothing(tmp_path: Path) -> None:
    jpeg, other = b"\xff\xd8\xff\xdbrest", b"\x89PNG rest"
    (tmp_path / "a b.jpg").write_bytes(jpeg)
    (tmp_path / "c.png").write_bytes(other)
    (tmp_path / "secret").write_bytes(b"no")
    paths = [tmp_path / "a b.jpg", tmp_path / "c.png"]
    with hosted(paths, 0) as address:
        host, port = address.split(":")
        reader, writer = await asyncio.open_connection(host, int(port))
        for target, body in (
            ("/a%20b.jpg?n=1", jpeg[:2] + b"\xff\xfe\x00\x05n=1" + jpeg[2:]),
            ("/a%20b.jpg", jpeg),
            ("/c.png?n=2", other + b"n=2"),
            ("/secret", b""),
            ("/../secret", b""),
        ):
            writer.write(f"GET {target} HTTP/1.1\r\nHost: h\r\n\r\n".encode())
            head = await reader.readuntil(b"\r\n\r\n")
            assert head.startswith(b"HTTP/1.1 200" if body else b"HTTP/1.1 404")
            length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r")[0])
            assert await reader.readexactly(length) == body
        writer.close()


def test_a_marked_picture_is_still_the_same_picture() -> None:
    import io

    from PIL import Image

    from local.samples import FOLDER

    picture = (FOLDER / "coffee.jpg").read_bytes()
    first, again = (Image.open(io.BytesIO(each)) for each in (picture, marked(picture, b"n=7")))
    assert first.tobytes() == again.tobytes()
