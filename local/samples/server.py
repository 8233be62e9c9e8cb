"""Serves the pictures of one folder on loopback: GET and HEAD of those files, nothing else."""

from collections.abc import Mapping
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import cast
from urllib.parse import unquote, urlsplit

CONTENT_TYPES: Mapping[str, str] = {
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".png": "image/png",
    ".webp": "image/webp",
    ".gif": "image/gif",
    ".bmp": "image/bmp",
    ".tif": "image/tiff",
    ".tiff": "image/tiff",
}
LOOPBACK = "127.0.0.1"


class NoPhotos(ValueError):
    """The folder holds no picture; the text names the folder and what would count."""


def photos_in(folder: Path) -> tuple[Path, ...]:
    """The pictures of a folder by name, folders below it left out.

    Raises:
        NoPhotos: there is no such folder, or no picture in it.
    """
    if not folder.is_dir():
        raise NoPhotos(f"{folder} is no folder")
    found = [path for path in folder.iterdir() if path.suffix.lower() in CONTENT_TYPES]
    if not found:
        raise NoPhotos(f"{folder} holds no picture ({', '.join(sorted(CONTENT_TYPES))})")
    return tuple(sorted(found))


class PhotoServer(ThreadingHTTPServer):
    """A server of the given files by their names. `port` 0 takes a free one; `address` tells which.

    Raises:
        OSError: the port is taken.
    """

    daemon_threads = True
    # The default of 5 makes the sixth simultaneous connection wait a second for its SYN to be resent.
    request_queue_size = 256

    def __init__(self, photos: tuple[Path, ...], port: int = 0) -> None:
        self.photos: Mapping[str, Path] = {path.name: path for path in photos}
        super().__init__((LOOPBACK, port), _Handler)

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that went away midway is no news: workers are killed, and ask again."""

    @property
    def address(self) -> str:
        """host:port, as it stands in URLs and in CLASSIFYCLOUD_FETCH_ALLOW."""
        return f"{LOOPBACK}:{self.server_port}"


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = 10

    def do_GET(self) -> None:
        body = self._found()
        if body is not None:
            self.wfile.write(body)

    def do_HEAD(self) -> None:
        self._found()

    def log_message(self, *_: object) -> None:
        """Say nothing: a line a picture would be the server's main work."""

    def _found(self) -> bytes | None:
        # Looked up by its whole name and never joined to a folder: no path leads out.
        name = unquote(urlsplit(self.path).path).removeprefix("/")
        path = cast(PhotoServer, self.server).photos.get(name)
        if path is None:
            self.send_error(HTTPStatus.NOT_FOUND)
            return None
        body = path.read_bytes()
        self.send_response(HTTPStatus.OK)
        self.send_header("Content-Type", CONTENT_TYPES[path.suffix.lower()])
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        return body
