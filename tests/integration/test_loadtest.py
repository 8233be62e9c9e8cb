"""The load test and the other asking commands against a small real server."""

import http.server
import json
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from typer.testing import CliRunner

from cli.main import app
from local.samples import FOLDER
from local.samples.server import NoPhotos, PhotoServer, photos_in
from local.up.ports import free

runner = CliRunner()
MODEL = {
    "name": "m",
    "version": "1",
    "architecture": "small",
    "classes": 2,
    "inputSize": 64,
    "precision": "int8",
    "metrics": [],
    "default": True,
    "share": 1.0,
}


class Handler(http.server.BaseHTTPRequestHandler):
    """Fetches the picture, as a worker would, and names its size; refuses pictures whose n is 3."""

    server: "Fake"

    def do_GET(self) -> None:
        split = urlsplit(self.path)
        if split.path == "/models":
            self.answer(200, {"models": [MODEL]})
            return
        picture = parse_qs(split.query)["url"][0]
        with self.server.lock:
            self.server.open += 1
            self.server.most = max(self.server.most, self.server.open)
        fetched = httpx.get(picture)
        time.sleep(self.server.delay)
        with self.server.lock:
            self.server.open -= 1
        if fetched.status_code != 200:
            self.answer(502, {"error": {"code": "upstream_status", "message": "no"}})
        elif picture.endswith("n=3"):
            self.answer(503, {"error": {"code": "overloaded", "message": "full", "job": "j1"}})
        else:
            self.label(f"{len(fetched.content)} bytes")

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.label("a JPEG" if b"\xff\xd8\xff" in body else "no JPEG")

    def label(self, name: str) -> None:
        labels = [{"name": name, "classId": "n0", "confidence": 0.5}]
        made = {"model": "m", "modelVersion": "1", "timings": {}, "cached": False}
        self.answer(200, {"uuid": "u", "imageUrl": "", "result": name, "labels": labels} | made)

    def answer(self, status: int, body: dict[str, Any]) -> None:
        text = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, *_: object) -> None:
        pass


class Fake(http.server.ThreadingHTTPServer):
    request_queue_size = 256
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.lock = threading.Lock()
        self.open = self.most = 0
        self.delay = 0.05
        self.url = f"http://127.0.0.1:{self.server_port}"


@pytest.fixture
def service() -> Iterator[Fake]:
    with Fake() as server:
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        yield server
        server.shutdown()


def load(service: Fake, *arguments: str) -> Any:
    common = ["loadtest", "--url", service.url, "--photo-port", str(next(free()))]
    return runner.invoke(app, [*common, *arguments])


def test_every_picture_is_served_asked_for_and_counted(service: Fake) -> None:
    result = load(service, "-n", "6", "-c", "6", "--json")
    figures = json.loads(result.stdout)
    assert result.exit_code == 0, result.stderr
    assert (figures["requests"], figures["answered"], figures["errors"]) == (6, 6, {})
    assert 0.05 <= figures["p50Seconds"] <= figures["p95Seconds"] <= figures["maxSeconds"]
    assert service.most == 6


def test_no_more_requests_are_open_than_asked_for(service: Fake) -> None:
    assert load(service, "-n", "6", "-c", "2").exit_code == 0
    assert service.most == 2


def test_one_failure_fails_the_test_and_is_named(service: Fake) -> None:
    result = load(service, "-n", "7", "-c", "4")
    assert result.exit_code == 1
    assert "6 of 7" in result.stdout
    assert "error overloaded: 1" in result.stdout
    assert "38 of 40" in result.stdout


def test_a_request_without_answer_ends_at_its_time(service: Fake) -> None:
    service.delay = 1.0
    result = load(service, "-n", "2", "--timeout", "0.1", "--json")
    assert result.exit_code == 1
    assert json.loads(result.stdout)["errors"] == {"no_answer": 2}


def test_a_taken_photo_port_is_said(service: Fake) -> None:
    with PhotoServer(photos_in(FOLDER)) as taken:
        arguments = ["loadtest", "--url", service.url, "--photo-port", str(taken.server_port)]
        result = runner.invoke(app, arguments)
    assert result.exit_code == 1
    assert "Use --photo-port" in result.stderr


def test_classify_asks_for_urls_and_files_and_goes_on_after_a_failure(
    service: Fake, tmp_path: Path
) -> None:
    cat, missing = FOLDER / "chelsea.jpg", tmp_path / "none.jpg"
    with PhotoServer(photos_in(FOLDER)) as photos:
        threading.Thread(target=photos.serve_forever, args=(0.05,), daemon=True).start()
        url = f"http://{photos.address}/coffee.jpg"
        result = runner.invoke(
            app,
            ["classify", "--url", service.url, "--timeout", "2"]
            + [str(missing), f"{url}?n=3", url, str(cat)],
        )
        photos.shutdown()
    assert result.exit_code == 1
    size = (FOLDER / "coffee.jpg").stat().st_size
    assert result.stdout.splitlines() == [
        f"{url}: {size} bytes",
        f"   50.0 %  {size} bytes",
        f"{cat}: a JPEG",
        "   50.0 %  a JPEG",
    ]
    assert f"{missing}: cannot be read: No such file" in result.stderr
    assert "overloaded: full (job j1)" in result.stderr


def test_classify_as_json_is_a_line_per_picture(service: Fake) -> None:
    cat = str(FOLDER / "chelsea.jpg")
    result = runner.invoke(app, ["classify", "--json", "--url", service.url, cat, cat])
    assert [json.loads(line)["result"] for line in result.stdout.splitlines()] == ["a JPEG"] * 2
    assert result.exit_code == 0


def test_models_are_listed(service: Fake) -> None:
    result = runner.invoke(app, ["models", "--url", service.url])
    assert result.stdout.splitlines()[1].startswith("* m ")


@pytest.mark.parametrize(
    "arguments", [["models"], ["classify", "a.jpg"], ["classify", "http://h/a"]]
)
def test_a_service_that_is_not_there_is_said_with_the_remedy(
    arguments: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.jpg").write_bytes(b"x")
    result = runner.invoke(app, [*arguments, "--url", f"http://127.0.0.1:{next(free())}"])
    assert result.exit_code == 1
    assert "classifycloud up" in result.stderr


def test_samples_are_served_and_nothing_else() -> None:
    with PhotoServer(photos_in(FOLDER)) as server:
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        with httpx.Client(base_url=f"http://{server.address}") as client:
            cat = client.get("/chelsea.jpg?n=1")
            assert cat.headers["content-type"] == "image/jpeg"
            assert cat.content == (FOLDER / "chelsea.jpg").read_bytes()
            assert client.head("/chelsea.jpg").headers["content-length"] == str(len(cat.content))
            for path in ("/", "/server.py", "/%2e%2e/__init__.py", "//etc/passwd"):
                assert client.get(path).status_code == 404
            assert client.post("/chelsea.jpg").status_code == 501
        server.shutdown()


def test_a_folder_without_pictures_is_refused(tmp_path: Path) -> None:
    with pytest.raises(NoPhotos, match="holds no picture"):
        photos_in(tmp_path)
    with pytest.raises(NoPhotos, match="is no folder"):
        photos_in(tmp_path / "none")
