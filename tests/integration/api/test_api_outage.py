"""A front end whose endpoint is not there yet, or no more; and one that cannot start."""

import asyncio
import signal

import pytest

from tests.servers import sqs


@pytest.fixture
def endpoint(aws, tmp_path, monkeypatch):
    """A queue endpoint of this test's own, to be killed at will. To be asked for first."""
    with sqs(tmp_path / "own") as running:
        monkeypatch.setenv("AWS_ENDPOINT_URL_SQS", running.url)
        yield running
        if running.process.poll() is not None:
            running.restart()


async def test_it_listens_before_the_endpoint_is_up(endpoint, start, worker, http, classify):
    endpoint.kill()
    api = await start(wait=30).listening()
    assert (await http.get(f"{api.url}/healthz")).status_code == 200
    assert (await http.get(f"{api.url}/readyz")).status_code == 503
    asking = classify(api)
    await asyncio.sleep(0.3)
    endpoint.restart()
    assert (await asking).status_code == 200
    assert (await http.get(f"{api.url}/readyz")).status_code == 200


async def test_it_can_be_stopped_before_the_endpoint_is_up(endpoint, start):
    endpoint.kill()
    api = await start().listening()
    api.signal(signal.SIGTERM)
    assert await api.exit_code() == 0


async def test_an_outage_is_said_and_survived(endpoint, start, worker, classify):
    api = await start().ready()
    queue = api.queue
    assert (await classify(api)).status_code == 200
    endpoint.kill()
    refused = await classify(api)
    assert (refused.status_code, refused.json()["error"]["code"]) == (503, "queue_unavailable")
    assert refused.json()["error"]["job"] is None
    endpoint.restart()
    assert (await classify(await api.ready())).status_code == 200
    assert api.queue == queue


async def test_it_goes_in_order_though_the_endpoint_is_down(endpoint, start, worker, classify):
    api = await start(drain_grace=0.5).ready()
    endpoint.kill()
    asking = classify(api)
    await asyncio.sleep(0.2)
    api.signal(signal.SIGTERM)
    answer = await asking
    assert answer.status_code == 503
    assert answer.json()["error"]["code"] in {"shutting_down", "queue_unavailable"}
    assert await api.exit_code() == 0


async def test_what_it_cannot_start_with_is_said_plainly(start):
    wrong = start(wait="soon")
    assert await wrong.exit_code() == 2
    assert "CLASSIFYCLOUD_WAIT='soon'" in wrong.log.read_text()
    first = await start().listening()
    port = int(first.url.rsplit(":", 1)[1])
    second = start(port=port)
    assert await second.exit_code() == 2
    text = second.log.read_text()
    assert f"127.0.0.1:{port}" in text
    assert "CLASSIFYCLOUD_PORT" in text
    assert "Traceback" not in text
