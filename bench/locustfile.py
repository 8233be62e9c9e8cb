"""Load from locust: people who look at a picture, think, and look at the next.

    locust -f bench/locustfile.py -H http://127.0.0.1:8000 --headless --shape steps --most 40 --seconds 300

Shapes are steps, spike and soak (bench/load_shapes.py). Without --headless locust shows its page on
http://127.0.0.1:8089. Needs `pip install -e '.[load]'`. A key is read from CLASSIFYCLOUD_KEY. Pictures are
served from here on --photo-port, as `classifycloud loadtest` does, or are those of --urls.

People wait for their answer before they ask again: a closed loop. What a fixed rate of arrivals meets, and
latencies that a stall cannot hide, are what `classifycloud loadtest --rate` measures.
"""

# Locust is optional, and mostly untyped:
# mypy: disable-error-code="misc, no-untyped-call, untyped-decorator, import-untyped, import-not-found"

import itertools
import logging
import secrets
from argparse import Namespace
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import gevent.lock
from locust import FastHttpUser, LoadTestShape, between, events, task

from bench.load_shapes import SHAPES, Terms, users
from bench.loadtest import targets, written
from bench.loadtest.hints import explained
from bench.loadtest.host import hosted
from wire.settings import ClientSettings

SAMPLES = Path(__file__).resolve().parents[1] / "local" / "samples"
KINDS = {".jpg", ".jpeg", ".png", ".webp", ".gif", ".bmp", ".tif", ".tiff"}
PACE = 5.0  # users that come or go each second, times the steps of a shape
LEAVING = 60.0  # seconds at most that who is to go waits for an answer: --stop-timeout

log = logging.getLogger(__name__)


@events.init_command_line_parser.add_listener
def options(parser: Any) -> None:
    """Beside locust's own."""
    group = parser.add_argument_group("ClassifyCloud")
    group.add_argument("--shape", choices=sorted(SHAPES), default="steps", help="of the load")
    group.add_argument("--most", type=int, default=40, help="users at most")
    group.add_argument("--seconds", type=float, default=300.0, help="of the whole run")
    group.add_argument("--think-least", type=float, default=0.5, help="seconds after an answer")
    group.add_argument("--think-most", type=float, default=2.0, help="seconds after an answer")
    group.add_argument("--photos", default=str(SAMPLES), help="folder of pictures to serve")
    group.add_argument("--photo-port", type=int, default=8099, help="on 127.0.0.1")
    group.add_argument("--urls", default="", help="file of addresses to ask for instead")
    # Locust hangs up on them by default: pictures that the service answers and nobody counts.
    parser.set_defaults(stop_timeout=LEAVING)


class Pictures:
    """Addresses, each given once; own ones are served meanwhile."""

    def __init__(self) -> None:
        self._served = ExitStack()
        self._next: Iterator[str] = iter(())
        self._lock = gevent.lock.Semaphore()

    def open(self, given: Namespace) -> None:
        """Raises OSError when the port is taken, written.Unreadable for a file that is none."""
        if given.urls:
            url = targets.given(written.urls(Path(given.urls)))
        else:
            paths = [p for p in sorted(Path(given.photos).iterdir()) if p.suffix.lower() in KINDS]
            address = self._served.enter_context(hosted(paths, given.photo_port))
            names = [path.name for path in paths]
            url = targets.own(f"http://{address}", names, secrets.token_hex(3))
        self._next = (url(number) for number in itertools.count())

    def next(self) -> str:
        """Another one."""
        with self._lock:
            return next(self._next)

    def close(self) -> None:
        """Stop serving."""
        self._served.close()


pictures = Pictures()


@events.test_start.add_listener
def begin(environment: Any, **_: object) -> None:
    """Before anybody asks."""
    try:
        pictures.open(environment.parsed_options)
    except (OSError, written.Unreadable) as error:
        log.error("The pictures cannot be served: %s. See --photos, --photo-port, --urls.", error)
        environment.process_exit_code = 2
        environment.runner.quit()


@events.test_stop.add_listener
def end(**_: object) -> None:
    """After the last has asked."""
    pictures.close()


class Person(FastHttpUser):
    """Looks at one picture after the other."""

    def wait_time(self) -> float:
        """Seconds of thinking."""
        given: Any = self.environment.parsed_options
        return float(between(given.think_least, given.think_most)(self))

    def on_start(self) -> None:
        self._headers = ClientSettings().headers()

    @task
    def look(self) -> None:
        """What is in the next picture? An answer without a label is a failure, told by its code."""
        asked = {"url": pictures.next()}
        with self.client.get(
            "/classify", name="/classify", params=asked, headers=self._headers, catch_response=True
        ) as response:
            body = _document(response)
            if response.status_code == 200 and body.get("result"):
                response.success()
                return
            error = body.get("error")
            code = error["code"] if isinstance(error, dict) else f"http_{response.status_code}"
            response.failure(f"{code}: {explained(code)[1]}")


class Shape(LoadTestShape):
    """The shape of --shape."""

    def tick(self) -> tuple[int, float] | None:
        """Users wanted now and how many come or go each second; None ends the run."""
        runner: Any = self.runner
        given = runner.environment.parsed_options
        terms = Terms(given.most, given.seconds)
        count = users(given.shape, self.get_run_time(), terms)
        return None if count is None else (count, PACE * terms.steps)


def _document(response: Any) -> dict[str, Any]:
    try:
        body = response.json()
    except (ValueError, TypeError):
        return {}
    return body if isinstance(body, dict) else {}
