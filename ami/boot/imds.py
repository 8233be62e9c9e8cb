"""What EC2 tells an instance about itself, asked before there is much of a network.

Source: "Use the Instance Metadata Service to access instance metadata", Amazon EC2 User Guide (version 2).
"""

import http.client
import time
import urllib.error
import urllib.request
from collections.abc import Callable

from ami.boot.errors import Away

ADDRESS = "http://169.254.169.254"
PATIENCE = 100.0  # seconds; an address comes within some, and systemd gives this script 120
PAUSE = 0.1
SECONDS = 2.0  # for one question
TTL = "300"  # seconds that a token lives
MOST = 65536  # bytes of an answer; user data have 16 KiB at most


class Imds:
    """Asks, again and again while nobody answers, until the patience of all questions together ends.

    Args:
        address: scheme, host and port.
        patience: seconds.
    """

    def __init__(
        self,
        address: str = ADDRESS,
        patience: float = PATIENCE,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.address = address
        self._clock = clock
        self._end = clock() + patience
        # No proxy of the environment: whoever answers there would be believed.
        self._opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        self._token: str | None = None

    def user_data(self) -> str | None:
        """What whoever launched the instance gave it; None for nothing. Raises Away."""
        return self._persistently("user-data")

    def get(self, path: str) -> str | None:
        """What stands under `meta-data/`; None for nothing. Raises Away."""
        return self._persistently(f"meta-data/{path}")

    def _persistently(self, path: str) -> str | None:
        while True:
            try:
                return self._asked(path)
            except (OSError, http.client.HTTPException, UnicodeDecodeError) as error:
                self._token = None
                if self._clock() >= self._end:
                    raise Away(f"{self.address} tells nothing of {path}: {error}") from error
                time.sleep(PAUSE)

    def _asked(self, path: str) -> str | None:
        if self._token is None:
            ttl = {"X-aws-ec2-metadata-token-ttl-seconds": TTL}
            self._token = self._answer("PUT", "api/token", ttl).strip()
        try:
            return self._answer("GET", path, {"X-aws-ec2-metadata-token": self._token})
        except urllib.error.HTTPError as error:
            if error.code == 404:
                return None
            raise

    def _answer(self, method: str, path: str, headers: dict[str, str]) -> str:
        request = urllib.request.Request(
            f"{self.address}/latest/{path}", method=method, headers=headers
        )
        with self._opener.open(request, timeout=SECONDS) as response:
            return bytes(response.read(MOST)).decode()
