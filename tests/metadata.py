"""EC2's metadata service as documented, on a port of 127.0.0.1: tokens first, then what is to be known.

PUT /latest/api/token with a TTL gives a token; a GET without a valid one is refused with 401; what is not
there is 404.
"""

import functools
import http.server
import threading
import time
import uuid


class Metadata:
    """The service of one instance; `entries` are its answers by path under `meta-data/`."""

    def __init__(self, **entries: str) -> None:
        self.entries: dict[str, str] = {"instance-id": "i-0123456789abcdef0", **entries}
        self.user_data: str | None = None
        self.tokens: dict[str, float] = {}
        self.asked: list[str] = []
        self.delay = 0.0
        self.broken = False
        self._server = Server(("127.0.0.1", 0), functools.partial(Handler, self))
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def expire(self) -> None:
        """No token given so far is valid any more."""
        self.tokens = dict.fromkeys(self.tokens, 0.0)

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def issue(self, path: str, ttl: str) -> tuple[int, str]:
        """A token: status and body."""
        if self.broken:
            return 500, ""
        if path != "/latest/api/token":
            return 403, ""
        if not ttl.isdecimal() or not 1 <= int(ttl) <= 21600:
            return 400, ""
        token = uuid.uuid4().hex
        self.tokens[token] = time.monotonic() + int(ttl)
        return 200, token

    def tell(self, path: str, token: str) -> tuple[int, str]:
        """What is known: status and body."""
        self.asked.append(path)
        if self.broken:
            return 500, ""
        if self.tokens.get(token, 0.0) < time.monotonic():
            return 401, ""
        found = self.entries.get(path.removeprefix("/latest/meta-data/"))
        if path == "/latest/user-data":
            found = self.user_data
        return (404, "Not Found") if found is None else (200, found)


class Handler(http.server.BaseHTTPRequestHandler):
    """Speaks HTTP for a service."""

    protocol_version = "HTTP/1.1"

    def __init__(self, service: Metadata, *args) -> None:
        self.service = service
        super().__init__(*args)

    def do_PUT(self):
        ttl = self.headers.get("X-aws-ec2-metadata-token-ttl-seconds", "")
        self._answer(*self.service.issue(self.path, ttl))

    def do_GET(self):
        token = self.headers.get("X-aws-ec2-metadata-token", "")
        self._answer(*self.service.tell(self.path, token))

    def _answer(self, status: int, text: str) -> None:
        time.sleep(self.service.delay)
        self.send_response(status)
        self.send_header("Content-Length", str(len(text.encode())))
        self.end_headers()
        self.wfile.write(text.encode())

    def log_message(self, *args):
        pass


class Server(http.server.ThreadingHTTPServer):
    """Says nothing of clients that went."""

    daemon_threads = True

    def handle_error(self, *args):
        pass
