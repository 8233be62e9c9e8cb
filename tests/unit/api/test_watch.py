"""What nobody foresaw is a 500 in the service's shape, a cancellation that is not the request's too."""

import asyncio
import json

import pytest

from api.metrics import Metrics
from api.watch import Watch

SCOPE = {"type": "http", "method": "GET", "path": "/classify", "headers": [], "state": {}}


async def ask(app):
    sent = []

    async def send(message):
        sent.append(message)

    await Watch(app, Metrics())(SCOPE | {"state": {"job": "job-1"}}, None, send)
    return sent


@pytest.mark.parametrize("error", [KeyError, asyncio.CancelledError])
async def test_what_nobody_foresaw_is_told_with_the_jobs_id(error):
    async def app(_scope, _receive, _send):
        raise error

    start, body = await ask(app)
    told = json.loads(body["body"])["error"]
    assert (start["status"], told["code"], told["job"]) == (500, "internal", "job-1")


async def test_a_future_that_others_canceled_is_no_end_of_the_request():
    future = asyncio.get_running_loop().create_future()
    future.cancel()

    async def app(_scope, _receive, _send):
        await future

    start, _body = await ask(app)
    assert start["status"] == 500


async def test_a_request_that_is_canceled_itself_goes_unanswered():
    began = asyncio.Event()

    async def app(_scope, _receive, _send):
        began.set()
        await asyncio.sleep(3600)

    asking = asyncio.create_task(ask(app))
    await began.wait()
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
