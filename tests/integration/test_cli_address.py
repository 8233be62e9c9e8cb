"""Which way the command goes to a service when the environment names a proxy."""

import http.server
import threading
from collections.abc import Iterator

import pytest
from typer.testing import CliRunner

from cli.main import app

NOBODY = "http://127.0.0.1:9"
ANSWER = b'{"models": []}'


class Listener:
    """Answers every GET with an empty list of models and keeps what was asked for."""

    def __init__(self) -> None:
        asked = self.asked = []

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                asked.append(self.path)
                self.send_response(200)
                self.send_header("Content-Length", str(len(ANSWER)))
                self.end_headers()
                self.wfile.write(ANSWER)

            def log_message(self, *_: object) -> None:
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"


@pytest.fixture
def listener() -> Iterator[Listener]:
    listening = Listener()
    threading.Thread(target=listening.server.serve_forever, args=(0.02,), daemon=True).start()
    yield listening
    listening.server.shutdown()
    listening.server.server_close()


@pytest.fixture(autouse=True)
def no_exceptions(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("ALL_PROXY", "HTTP_PROXY", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)


def test_a_service_on_this_machine_is_asked_directly(
    listener: Listener, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", NOBODY)
    result = CliRunner().invoke(app, ["models", "--url", listener.url])
    assert result.exit_code == 0, result.output
    assert listener.asked == ["/models"]


def test_any_other_service_is_asked_through_the_proxy(
    listener: Listener, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", listener.url)
    result = CliRunner().invoke(app, ["models", "--url", "http://service.example:8000"])
    assert result.exit_code == 0, result.output
    assert listener.asked == ["http://service.example:8000/models"]
