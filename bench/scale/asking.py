"""Calls to the local queues with as little of a client as HTTP allows: its cost is on the measured cores."""

import json
import threading
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlsplit

PATIENCE = 30.0  # seconds
TYPE = "application/x-amz-json-1.0"


class Asking:
    """SQS's JSON protocol, unsigned, for the local endpoint alone; a connection for each thread."""

    def __init__(self, endpoint: str) -> None:
        where = urlsplit(endpoint)
        self._host, self._port = where.hostname or "", where.port
        self._own = threading.local()

    def __call__(self, action: str, **members: object) -> Any:
        """What is answered.

        Raises:
            RuntimeError: it was refused.
            OSError, http.client.HTTPException: the endpoint has gone.
        """
        line = self._line()
        headers = {"Content-Type": TYPE, "X-Amz-Target": f"AmazonSQS.{action}"}
        line.request("POST", "/", json.dumps(members).encode(), headers)
        reply = line.getresponse()
        body = reply.read()
        if reply.status != 200:
            raise RuntimeError(f"{action} was refused: {body.decode(errors='replace')}")
        return json.loads(body or b"{}")

    def _line(self) -> HTTPConnection:
        line: HTTPConnection | None = getattr(self._own, "line", None)
        if line is None:
            line = self._own.line = HTTPConnection(self._host, self._port, timeout=PATIENCE)
        return line
