"""An endpoint of AWS between a process and the local one: passes everything on, and keeps who called what.

Processes are told apart by their access key. What is kept is what IAM would be asked: the action, and the
resource's ARN.
"""

import http.client
import http.server
import json
import re
import sys
import threading
from urllib.parse import urlsplit

from tests.integration.deploy.policies import Call

ACCOUNT = "123456789012"
_KEY = re.compile(r"Credential=([^/]+)/")
_OBJECT = {"GET": "GetObject", "HEAD": "GetObject", "PUT": "PutObject", "DELETE": "DeleteObject"}


class Recorder:
    """One service's endpoint on a free port of 127.0.0.1.

    `calls` has pairs of access key and call.
    """

    def __init__(self, service: str, endpoint: str) -> None:
        self.calls: set[tuple[str, Call]] = set()
        read = {"sqs": _sqs, "s3": _s3, "monitoring": _cloudwatch}[service]
        recorder, target = self, urlsplit(endpoint)

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def _pass_on(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                key = _KEY.search(self.headers.get("Authorization", ""))
                if key is not None:
                    recorder.calls.add((key[1], read(self, body)))
                there = http.client.HTTPConnection(target.hostname, target.port, timeout=60)
                there.request(self.command, self.path, body, dict(self.headers))
                reply = there.getresponse()
                said = reply.read()
                self.send_response(reply.status)
                for name, value in reply.getheaders():
                    if name.lower() not in ("content-length", "transfer-encoding", "connection"):
                        self.send_header(name, value)
                # To a HEAD it is the length of what is not sent.
                length = reply.getheader("Content-Length", "0") if not said else str(len(said))
                self.send_header("Content-Length", length)
                self.end_headers()
                self.wfile.write(said)
                there.close()

            do_GET = do_HEAD = do_PUT = do_POST = do_DELETE = _pass_on  # noqa: N815

            def log_message(self, *_args: object) -> None:
                pass

        class Server(http.server.ThreadingHTTPServer):
            request_queue_size = 128
            daemon_threads = True

            def handle_error(self, *args: object) -> None:
                # A process that ends leaves its polls.
                if not isinstance(sys.exc_info()[1], ConnectionError):
                    super().handle_error(*args)

        self._server = Server(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


def _sqs(request, body: bytes) -> Call:
    operation = request.headers["X-Amz-Target"].rpartition(".")[2]
    # IAM knows one action for a call and its batch.
    action = operation.removesuffix("Batch")
    given = json.loads(body)
    if operation == "ListQueues":
        return Call("sqs:ListQueues", "*")
    name = given.get("QueueName") or urlsplit(given["QueueUrl"]).path.rpartition("/")[2]
    return Call(f"sqs:{action}", f"arn:aws:sqs:us-east-1:{ACCOUNT}:{name}")


def _s3(request, _body: bytes) -> Call:
    where = urlsplit(request.path)
    bucket, _, key = where.path.lstrip("/").partition("/")
    if not key:
        return Call("s3:ListBucket", f"arn:aws:s3:::{bucket}")
    if request.command == "POST":
        return Call("s3:PutObject", f"arn:aws:s3:::{bucket}/{key}")
    return Call(f"s3:{_OBJECT[request.command]}", f"arn:aws:s3:::{bucket}/{key}")


def _cloudwatch(request, body: bytes) -> Call:
    operation = request.headers.get("X-Amz-Target", "PutMetricData").rpartition(".")[2]
    namespace = "ClassifyCloud" if b"ClassifyCloud" in body else "unknown"
    return Call(f"cloudwatch:{operation}", "*", {"cloudwatch:namespace": namespace})
