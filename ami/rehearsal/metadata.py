"""What looks like EC2's metadata service, version 2, to an image that is tried elsewhere."""

import http.server
import threading
from typing import Any

TOKEN = "rehearsal"


class Metadata:
    """Serves one instance's user data and a few facts.

    Args:
        user_data: what whoever launched it gave it.
        entries: further facts, by path under `meta-data/`.
        host: address to listen on.
        port: 0 takes a free one.
    """

    def __init__(
        self,
        user_data: str,
        entries: dict[str, str] | None = None,
        host: str = "127.0.0.1",
        port: int = 0,
    ) -> None:
        found = {
            "instance-id": "i-0123456789abcdef0",
            "placement/region": "us-east-1",
            "tags/instance": "classifycloud-role",
            "tags/instance/classifycloud-role": "worker",
            **(entries or {}),
        }
        answers = {f"/latest/meta-data/{path}": text for path, text in found.items()}
        answers["/latest/user-data"] = user_data
        self._server = http.server.ThreadingHTTPServer((host, port), _handler(answers))
        self.url = f"http://{host}:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        """Listen no more."""
        self._server.shutdown()
        self._server.server_close()


def _handler(answers: dict[str, str]) -> type[http.server.BaseHTTPRequestHandler]:
    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_PUT(self) -> None:
            self._answer(200, TOKEN)

        def do_GET(self) -> None:
            if self.headers.get("X-aws-ec2-metadata-token") != TOKEN:
                self._answer(401, "")
                return
            text = answers.get(self.path)
            self._answer(404 if text is None else 200, text or "")

        def log_message(self, *_: Any) -> None: ...

        def _answer(self, status: int, text: str) -> None:
            self.send_response(status)
            self.send_header("Content-Length", str(len(text.encode())))
            self.end_headers()
            self.wfile.write(text.encode())

    return Handler
