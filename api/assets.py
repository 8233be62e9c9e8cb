"""Files for browsers: read and packed once, and not sent again to who has them."""

import gzip
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response

KINDS = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".jpg": "image/jpeg",
}
# Asked about each time, so that a page and its scripts are never of two versions for long.
REVALIDATED = "no-cache"


@dataclass(frozen=True, slots=True)
class Asset:
    """A file as it is sent; `packed` by gzip where that makes it smaller."""

    data: bytes
    packed: bytes
    kind: str
    etag: str

    @classmethod
    def read(cls, path: Path) -> "Asset":
        """A file whose name says its kind."""
        data = path.read_bytes()
        etag = f'"{hashlib.sha256(data).hexdigest()[:20]}"'
        return cls(data, gzip.compress(data, mtime=0), KINDS[path.suffix], etag)

    def response(self, request: Request, **headers: str) -> Response:
        """The file, or 304 to a browser that has it."""
        said = {"Cache-Control": REVALIDATED, "ETag": self.etag, "Vary": "Accept-Encoding"}
        said |= {name.replace("_", "-"): value for name, value in headers.items()}
        if self.etag in request.headers.get("if-none-match", ""):
            return Response(status_code=304, headers=said)
        if "gzip" in request.headers.get("accept-encoding", "") and len(self.packed) < len(
            self.data
        ):
            said["Content-Encoding"] = "gzip"
            return Response(self.packed, media_type=self.kind, headers=said)
        return Response(self.data, media_type=self.kind, headers=said)


class Assets:
    """The files of one folder by their names, read when the first of them is asked for: a start does not
    wait for pages, and nothing of a request's path ever becomes a path on disk."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._files: Mapping[str, Asset] | None = None

    def find(self, name: str) -> Asset | None:
        """A file, None where there is none of that name."""
        if self._files is None:
            paths = (path for path in self._folder.iterdir() if path.suffix in KINDS)
            self._files = {path.name: Asset.read(path) for path in paths}
        return self._files.get(name)
