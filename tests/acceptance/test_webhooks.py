"""Webhooks of the running service: to receivers that fail and come back, and to none that is inside."""

import contextlib
import json
import socket
import subprocess
import threading

import httpx
import pytest

from tests.receiver import HANG, Receiver, signed
from tests.service import COMMAND, Origin, free_port, service, wait_until

pytestmark = pytest.mark.acceptance

SCRIPT = {"fails": [500, HANG, 302], "later": [503], "once": [429]}


@pytest.fixture(scope="module")
def slow(photos):
    """Pictures that take a while to come: a job can be canceled before its answer."""
    made = Origin(photos[0].parent, delay=2.0)
    yield made
    made.close()


@pytest.fixture(scope="module")
def receiver():
    made = Receiver(**SCRIPT)
    yield made
    made.close()


@pytest.fixture(scope="module")
def away():
    """Where nobody listens yet."""
    return free_port()


@pytest.fixture(scope="module")
def running(tmp_path_factory, photos, slow, receiver, away):
    origin = Origin(photos[0].parent)
    with service(
        tmp_path_factory.mktemp("hooks") / "data",
        fetch_allow=f"{origin.host},{slow.host}",
        webhook_allow=f"{receiver.host},127.0.0.1:{away}",
        webhook_pause="0.1",
    ) as up:
        up.wait_ready(workers=1)
        up.origin = origin
        yield up
    origin.close()


def submit(running, picture, hook, *events, **more):
    webhook = {"url": hook} | ({"events": list(events)} if events else {})
    wanted = {"imageUrl": picture, "webhook": webhook} | more
    return httpx.post(f"{running.url}/jobs", json=wanted, timeout=60)


def taken(*asked, **more):
    answer = submit(*asked, **more)
    assert answer.status_code == 202, answer.text
    return answer.json()["uuid"]


def sent(running, photo, **asked):
    """A job of a picture's bytes; its id."""
    answer = httpx.post(f"{running.url}/jobs", content=photo.read_bytes(), params=asked, timeout=60)
    assert answer.status_code == 202, answer.text
    return answer.json()["uuid"]


@pytest.fixture(scope="module")
def secret(running, receiver):
    """Made by the operator; until then no webhook is taken."""
    picture = running.origin.url("none.jpg")
    refused = submit(running, picture, receiver.url("refused"))
    assert (refused.status_code, refused.json()["error"]["code"]) == (400, "invalid_parameter")
    assert "classifycloud webhooks secret" in refused.json()["error"]["message"]
    command = [COMMAND, "webhooks", "secret", "--data", running.data]
    made, again = (
        subprocess.run(command, capture_output=True, text=True, check=True).stdout for _ in range(2)
    )
    assert made == again
    known = lambda: submit(running, picture, receiver.url("known")).status_code == 202  # noqa: E731
    wait_until(known, 10, "the secret is not known")
    return made.strip()


def test_each_end_that_was_asked_for_is_told_once(running, secret, receiver, slow, away, photos):
    picture, none = running.origin.url(photos[0].name), running.origin.url("none.jpg")
    jobs = {
        "fails": (taken(running, picture, receiver.url("fails")), "succeeded"),
        "later": (taken(running, none, receiver.url("later"), "failed", "expired"), "failed"),
        "once": (taken(running, picture, receiver.url("once"), deadline=0.001), "expired"),
    }
    taken(running, picture, receiver.url("unasked"), "failed", "canceled")
    jobs["bytes"] = (sent(running, photos[2], webhook=receiver.url("bytes")), "succeeded")
    rows = {"urls": [running.origin.url(photo.name) for photo in photos[3:6]]}
    bulk = httpx.post(
        f"{running.url}/jobs", json=rows | {"webhook": {"url": receiver.url("bulk")}}, timeout=60
    )
    jobs["bulk"] = (bulk.json()["uuid"], "succeeded")
    canceled = taken(running, slow.url(photos[1].name), receiver.url("canceled"))
    httpx.post(f"{running.url}/jobs/{canceled}/cancel", timeout=60).raise_for_status()
    jobs["canceled"] = (canceled, "canceled")
    absent = taken(running, picture, f"http://127.0.0.1:{away}/back")
    wait_until(lambda: _logged(running, absent), 30, "nobody tried where nobody listens")
    returned = Receiver(port=away)
    try:
        wait_until(lambda: returned.told("back"), 30, "it came back and was not told")
        wait_until(lambda: all(map(receiver.told, jobs)), 60, "not all are told")
        wait_until(lambda: running.depth("chores") == 0, 30, "there is more to tell")
        (back,) = returned.came
    finally:
        returned.close()
    for path, (uuid, state) in (jobs | {"back": (absent, "succeeded")}).items():
        came = [back] if path == "back" else receiver.at(path)
        assert [each.answered for each in came] == [*SCRIPT.get(path, []), 204]
        assert all(signed(secret, each) for each in came)
        assert {each.headers["webhook-id"] for each in came} == {f"{uuid}.{state}"}
        (body,) = {each.body for each in came}
        told = httpx.get(f"{running.url}/jobs/{uuid}", timeout=60).json()
        assert json.loads(body) == {"type": f"job.{state}", "data": told}
        assert told["status"] == state
    assert receiver.at("unasked") == receiver.at("refused") == []
    heard = [each for each in receiver.came if each.answered == 204]
    assert counted(running, "delivered") == len(heard) + 1
    assert counted(running, "failed") > sum(map(len, SCRIPT.values()))  # and where nobody listened


def counted(running, outcome):
    page = httpx.get(f"{running.url}/metrics", timeout=60).text
    name = f'classifycloud_api_webhooks_total{{outcome="{outcome}"}} '
    (line,) = [line for line in page.splitlines() if line.startswith(name)]
    return float(line.removeprefix(name))


def _logged(running, job):
    lines = [
        line for log in running.data.glob("logs/*.log") for line in log.read_text().splitlines()
    ]
    return any("webhook not delivered" in line and job in line for line in lines)


@contextlib.contextmanager
def tripwire(port):
    """Listens on loopback; the list that it gives grows with each connection."""
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", port))
        listener.listen()
        heard = []

        def listen():
            with contextlib.suppress(OSError):
                while True:
                    heard.append(listener.accept()[1])

        threading.Thread(target=listen, daemon=True).start()
        yield listener.getsockname()[1], heard
        listener.shutdown(socket.SHUT_RDWR)


def test_nothing_inside_hears_anything(running, secret, photos):
    picture = running.origin.url(photos[0].name)
    inside = socket.gethostname()  # a name, of which only a look-up tells where it leads
    with contextlib.ExitStack() as stack:
        port, heard = stack.enter_context(tripwire(0))
        with contextlib.suppress(OSError):
            _, more = stack.enter_context(tripwire(80))
            heard = (heard, more)
        for host in ("127.0.0.1", "127.1", "localhost", "[::1]", "10.0.0.1", "169.254.169.254"):
            for url in (f"http://{host}:{port}/", f"https://{host}/"):
                refused = submit(running, picture, url)
                assert (refused.status_code, refused.json()["error"]["code"]) == (
                    403,
                    "blocked_address",
                )
        assert submit(running, picture, f"http://{inside}:{port}/").status_code == 403
        dialed = taken(running, picture, f"http://{inside}/")
        wait_until(lambda: _logged(running, dialed), 30, "it was not tried")
        assert not any(heard if isinstance(heard, tuple) else [heard])
    logs = "".join(log.read_text() for log in running.data.glob("logs/*.log"))
    (said, *_) = [line for line in logs.splitlines() if "not delivered" in line and dialed in line]
    assert "blocked_address" in said or "upstream_unreachable" in said
    if "blocked_address" in said:
        assert counted(running, "refused") > 0
    assert secret not in logs
