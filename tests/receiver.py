"""A webhook's receiver that fails as it is told to; a check of signatures that shares no code with ours."""

import base64
import hashlib
import hmac
import http.server
import threading
import time
from collections import defaultdict
from dataclasses import dataclass

HANG = "hang"


@dataclass(frozen=True)
class Came:
    """One message, and what it was answered with."""

    path: str
    headers: dict[str, str]
    body: bytes
    answered: int | str


class Receiver:
    """Answers on loopback: by path, with these one after the other and then 204."""

    def __init__(self, port: int = 0, **script: list[int | str]) -> None:
        self._script = defaultdict(list, {f"/{path}": list(said) for path, said in script.items()})
        self._closing = threading.Event()
        self._lock = threading.Lock()
        self.came: list[Came] = []
        self._server = _server(port, self)
        self.host = f"127.0.0.1:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def url(self, path: str) -> str:
        return f"http://{self.host}/{path}"

    def at(self, path: str) -> list[Came]:
        """What came there, in order."""
        with self._lock:
            return [each for each in self.came if each.path == f"/{path}"]

    def told(self, path: str) -> list[Came]:
        """What was taken there."""
        return [each for each in self.at(path) if each.answered == 204]

    def take(self, path: str, headers: dict[str, str], body: bytes) -> int | str:
        with self._lock:
            script = self._script[path]
            said = script.pop(0) if script else 204
            self.came.append(Came(path, headers, body, said))
        if said == HANG:
            self._closing.wait(60)
        return said

    def close(self) -> None:
        self._closing.set()
        self._server.shutdown()
        self._server.server_close()


def signed(secret: str, came: Came, leeway: float = 300) -> bool:
    """Whether a message is signed with this secret, and of now: Standard Webhooks 1.0."""
    key = base64.b64decode(secret.split("_", 1)[1])
    name, stamp = came.headers["webhook-id"], came.headers["webhook-timestamp"]
    if abs(time.time() - int(stamp)) > leeway:
        return False
    mac = hmac.new(key, b".".join([name.encode(), stamp.encode(), came.body]), hashlib.sha256)
    expected = base64.b64encode(mac.digest()).decode()
    versions = (each.split(",", 1) for each in came.headers["webhook-signature"].split(" "))
    return any(kind == "v1" and hmac.compare_digest(given, expected) for kind, given in versions)


def _server(port: int, receiver: Receiver) -> http.server.ThreadingHTTPServer:
    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["content-length"]))
            headers = {name.lower(): value for name, value in self.headers.items()}
            said = receiver.take(self.path, headers, body)
            if said == HANG:
                self.close_connection = True
                return
            self.send_response(said)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *args):
            pass

    class Server(http.server.ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, *args):
            pass

    return Server(("127.0.0.1", port), Handler)
