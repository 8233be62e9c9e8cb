"""Weights over a real connection: whole and right, or not there and a reason why."""

import hashlib
import socket
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from typer.testing import CliRunner

from classifier.zoo import Download
from cli.main import app
from training.errors import FetchFailed
from training.fetching import fetch, take

CONTENT = bytes(range(256)) * 2000


class Origin(BaseHTTPRequestHandler):
    """Serves CONTENT as its path says."""

    asked: list[str] = []  # noqa: RUF012
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        begin = self.headers.get("Range", "bytes=0-")[6:-1]
        self.asked.append(f"{self.path} {begin}")
        getattr(self, self.path.rpartition("/")[0].strip("/"))(int(begin))

    def good(self, begin: int) -> None:
        self.answer(206 if begin else 200, CONTENT[begin:], begin)

    def whole(self, begin: int) -> None:
        self.answer(200, CONTENT, 0)

    def other(self, begin: int) -> None:
        self.answer(200, CONTENT[::-1], 0)

    def short(self, begin: int) -> None:
        """Closes the connection half-way the first time."""
        rest = CONTENT[begin:]
        self.answer(
            206 if begin else 200, rest if begin else rest[: len(rest) // 2], begin, len(rest)
        )
        self.close_connection = True

    def absent(self, begin: int) -> None:
        self.answer(404, b"no", 0)

    def over(self, begin: int) -> None:
        self.answer(416, b"", 0)

    def moved(self, begin: int) -> None:
        self.send_response(302)
        self.send_header("Location", "/good/weights.h5")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def mute(self, begin: int) -> None:
        """Sends half and then nothing, until the client goes."""
        self.answer(200, CONTENT[: len(CONTENT) // 2], 0, len(CONTENT))
        self.wfile.flush()
        self.connection.settimeout(20)
        self.connection.recv(1)

    def answer(self, status: int, body: bytes, begin: int, length: int | None = None) -> None:
        self.send_response(status)
        if status == 206:
            self.send_header("Content-Range", f"bytes {begin}-{len(CONTENT) - 1}/{len(CONTENT)}")
        self.send_header("Content-Length", str(len(body) if length is None else length))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def origin():
    Origin.asked.clear()
    server = ThreadingHTTPServer(("127.0.0.1", 0), Origin)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def download(url: str) -> Download:
    return Download(f"{url}/weights.h5", hashlib.md5(CONTENT).hexdigest())


def names(folder) -> list[str]:
    return sorted(path.name for path in folder.iterdir()) if folder.exists() else []


@pytest.mark.parametrize("way", ["good", "moved"])
def test_a_good_file_is_put_in_its_place(origin, tmp_path, way):
    path = fetch(download(f"{origin}/{way}"), tmp_path / "new")
    assert path.read_bytes() == CONTENT
    assert names(tmp_path / "new") == ["weights.h5"]


def test_what_is_there_already_is_not_asked_for(origin, tmp_path):
    fetch(download(f"{origin}/good"), tmp_path)
    fetch(download(f"{origin}/good"), tmp_path)
    assert len(Origin.asked) == 1


def test_a_wrong_file_that_is_there_is_replaced(origin, tmp_path):
    (tmp_path / "weights.h5").write_bytes(b"old")
    assert fetch(download(f"{origin}/good"), tmp_path).read_bytes() == CONTENT


def test_a_wrong_hash_leaves_nothing(origin, tmp_path):
    with pytest.raises(FetchFailed, match=r"other/weights\.h5 came with the md5 .* thrown away"):
        fetch(download(f"{origin}/other"), tmp_path)
    assert names(tmp_path) == []


def test_a_wrong_hash_leaves_the_file_that_was_there(origin, tmp_path):
    (tmp_path / "weights.h5").write_bytes(b"old")
    with pytest.raises(FetchFailed):
        fetch(download(f"{origin}/other"), tmp_path)
    assert names(tmp_path) == ["weights.h5"]
    assert (tmp_path / "weights.h5").read_bytes() == b"old"


def test_one_cut_short_is_gone_on_with(origin, tmp_path):
    with pytest.raises(FetchFailed, match="cannot be fetched"):
        fetch(download(f"{origin}/short"), tmp_path)
    assert names(tmp_path) == [".weights.h5.partial"]
    assert fetch(download(f"{origin}/short"), tmp_path).read_bytes() == CONTENT
    assert names(tmp_path) == ["weights.h5"]
    first, second = (int(asked.rpartition(" ")[2]) for asked in Origin.asked)
    assert first == 0 < second <= len(CONTENT) // 2


def test_a_server_that_cannot_go_on_sends_it_anew(origin, tmp_path):
    (tmp_path / ".weights.h5.partial").write_bytes(CONTENT[:1000])
    assert fetch(download(f"{origin}/whole"), tmp_path).read_bytes() == CONTENT


def test_one_that_is_whole_but_for_its_name_is_taken(origin, tmp_path):
    (tmp_path / ".weights.h5.partial").write_bytes(CONTENT)
    assert fetch(download(f"{origin}/over"), tmp_path).read_bytes() == CONTENT


def test_a_damaged_beginning_is_found_out_and_thrown_away(origin, tmp_path):
    (tmp_path / ".weights.h5.partial").write_bytes(b"x" * 1000)
    with pytest.raises(FetchFailed, match="thrown away"):
        fetch(download(f"{origin}/good"), tmp_path)
    assert names(tmp_path) == []
    assert fetch(download(f"{origin}/good"), tmp_path).read_bytes() == CONTENT


def test_a_mute_server_is_given_up(origin, tmp_path):
    with pytest.raises(FetchFailed, match=r"mute/weights\.h5: not a byte for 0\.3 s"):
        fetch(download(f"{origin}/mute"), tmp_path, silence=0.3)
    assert names(tmp_path) == [".weights.h5.partial"]


def test_a_refusal_is_told(origin, tmp_path):
    with pytest.raises(FetchFailed, match="answers with status 404"):
        fetch(download(f"{origin}/absent"), tmp_path / "new")
    assert names(tmp_path / "new") == []


def test_offline_there_is_no_file(tmp_path):
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{nobody.getsockname()[1]}"
        with pytest.raises(FetchFailed, match=r"cannot be fetched.*--weights FILE"):
            fetch(download(url), tmp_path)
    assert names(tmp_path) == []


def test_a_folder_that_cannot_be_written_is_named(origin, tmp_path):
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(FetchFailed, match="cannot be written"):
        fetch(download(f"{origin}/good"), tmp_path / "file")


@pytest.mark.parametrize("given", ["from", "from/weights.h5"])
def test_a_file_of_this_machine_is_compared_as_well(tmp_path, given):
    (tmp_path / "from").mkdir()
    (tmp_path / "from" / "weights.h5").write_bytes(CONTENT)
    wanted = download("http://nowhere.example")
    assert take(wanted, tmp_path / given, tmp_path / "to").read_bytes() == CONTENT
    assert names(tmp_path / "to") == ["weights.h5"]
    (tmp_path / "from" / "weights.h5").write_bytes(CONTENT[1:])
    with pytest.raises(FetchFailed, match=r"from/weights\.h5 is not the file of"):
        take(wanted, tmp_path / given, tmp_path / "other")
    assert names(tmp_path / "other") == []


def test_the_command_fetches_weights_and_classes(origin, tmp_path, monkeypatch):
    from dataclasses import replace

    from classifier import zoo

    index = Download(f"{origin}/good/classes.json", hashlib.md5(CONTENT).hexdigest())
    known = replace(zoo.ZOO["resnet50"], weights=download(f"{origin}/good"))
    monkeypatch.setattr(zoo, "CLASS_INDEX", index)
    monkeypatch.setitem(zoo.ZOO, "resnet50", known)
    done = CliRunner().invoke(app, ["models", "fetch", "resnet50", "--to", str(tmp_path)])
    assert done.exit_code == 0, done.output
    assert names(tmp_path) == ["classes.json", "weights.h5"]


def test_the_command_refuses_what_it_does_not_know(tmp_path):
    done = CliRunner().invoke(app, ["models", "fetch", "alexnet", "--to", str(tmp_path)])
    assert done.exit_code == 2
    assert "there are: inception-v3, resnet50, vgg19" in done.output


def test_the_command_says_why_and_ends_with_1(origin, tmp_path, monkeypatch):
    from dataclasses import replace

    from classifier import zoo

    known = replace(zoo.ZOO["resnet50"], weights=download(f"{origin}/other"))
    monkeypatch.setitem(zoo.ZOO, "resnet50", known)
    done = CliRunner().invoke(app, ["models", "fetch", "resnet50", "--to", str(tmp_path)])
    assert done.exit_code == 1
    assert "came with the md5" in done.output
    assert names(tmp_path) == []
