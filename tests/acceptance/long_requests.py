"""What takes minutes of real time: `make test-long`. Not collected with the rest, by its name.

A request of 119 s passes nginx as it is shipped, and a front end keeps an idle connection for longer than any
load balancer in front of it does. What takes so long is the picture's host, which a worker waits for all the
while: its job must not be handed out again.
"""

import socket
import time

import httpx
import pytest

from tests.replicas import needs_nginx, proxied, second
from tests.servers import ROOT
from tests.service import Origin, service

pytestmark = [pytest.mark.timeout(600), needs_nginx]
HELD = 119.0  # seconds that the picture's host takes; a client is kept for 120 where nothing else is said
SAMPLES = ROOT / "local" / "samples"
IDLE = 155.0  # seconds; load balancers let go after 150


def test_a_request_of_119_seconds_passes_and_idle_connections_outlive_the_load_balancers(tmp_path):
    origin = Origin(SAMPLES, delay=HELD)
    settings = {
        "fetch_allow": origin.host,
        "fetch_timeout": "130",
        "proxies": "1",
        "wait": "125",  # that a busy machine's second is no time-out
    }
    try:
        with (
            service(tmp_path / "data", "--min-workers", "1", **settings) as running,
            second(running, tmp_path / "second.log") as (_, port),
            proxied(tmp_path, running.port, port) as url,
        ):
            running.wait_ready(workers=1, seconds=120)
            photo = (SAMPLES / "coffee.jpg").read_bytes()
            awake = httpx.post(f"{url}/classify", files={"file": photo}, timeout=150)
            assert awake.status_code == 200, awake.text
            idle = Idle(running.port)
            began = time.monotonic()
            answer = httpx.get(
                f"{url}/classify", params={"url": origin.url("coffee.jpg")}, timeout=200
            )
            took = time.monotonic() - began
            assert answer.status_code == 200, (took, answer.text)
            assert answer.json()["result"] == "espresso"
            assert HELD < took < 125
            assert origin.hits == ["/coffee.jpg"]
            print(f"answered after {took:.1f} s")
            idle.until(IDLE)
            assert idle.asks() == 200, (
                "the front end closed a connection that a load balancer still keeps"
            )
    finally:
        origin.close()


class Idle:
    """One connection to a front end, used once and then left."""

    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=30)
        assert self.asks() == 200
        self._since = time.monotonic()

    def asks(self) -> int:
        """A request on this very connection: its status, 0 where it is closed."""
        try:
            self._socket.sendall(b"GET /healthz HTTP/1.1\r\nHost: front-end\r\n\r\n")
            said = self._socket.recv(65536)
        except OSError:
            return 0
        return int(said.split(b" ")[1]) if said else 0

    def until(self, seconds: float) -> None:
        """Leave it until it was idle for so long."""
        time.sleep(max(0.0, seconds - (time.monotonic() - self._since)))
