"""What goes wrong on the short cut is boto3's, and so is what is not for it."""

import asyncio

import pytest
from botocore.config import Config

import wire.express
from tests.unit.wire.sqs_endpoint import CLOSE, HALF, HANG, OK, REFUSED, Endpoint, make, receive
from wire.errors import QueueUnavailable


@pytest.mark.parametrize("reply", [CLOSE, HALF, (500, {}), (503, {})])
async def test_what_goes_wrong_is_asked_again_by_boto3(endpoint, reply):
    express, through_boto3 = make()
    await receive(express)
    endpoint.replies = [reply, OK]
    assert (await receive(express))["Messages"] == OK[1]["Messages"]
    assert len(through_boto3) == 2
    express.close()


async def test_a_refusal_is_the_error_that_boto3_makes_of_it(endpoint):
    express, _ = make()
    await receive(express)
    endpoint.replies = [REFUSED]
    with pytest.raises(Exception, match="QueueDoesNotExist"):
        await receive(express)
    express.close()


async def test_an_endpoint_that_is_mute_is_an_outage_after_one_time_out(endpoint):
    express, through_boto3 = make(Config(read_timeout=0.3, retries={"total_max_attempts": 3}))
    await receive(express)
    endpoint.replies = [HANG]
    with pytest.raises(QueueUnavailable):
        await receive(express)
    assert len(through_boto3) == 1
    express.close()


async def test_credentials_that_are_due_are_renewed_by_boto3(endpoint):
    express, through_boto3 = make()
    await receive(express)
    express._credentials.refresh_needed = lambda: True
    await receive(express)
    assert len(through_boto3) == 2
    del express._credentials.refresh_needed
    await receive(express)
    assert len(through_boto3) == 2
    express.close()


async def test_what_boto3_had_to_make_anew_three_times_is_its_for_a_minute(endpoint, monkeypatch):
    express, through_boto3 = make()
    now = 1000.0
    monkeypatch.setattr(wire.express.time, "monotonic", lambda: now)
    await receive(express)
    endpoint.replies = [(503, {}), OK] * 3 + [OK]
    for _ in range(3):
        now += 1
        assert (await receive(express))["Messages"] == OK[1]["Messages"]
    assert len(through_boto3) == 4
    asked = len(endpoint.asked)
    for _ in range(4):
        await receive(express)
    assert (len(through_boto3), len(endpoint.asked)) == (8, asked + 4)
    now += 61
    for _ in range(3):
        await receive(express)
    assert len(through_boto3) == 8
    express.close()


async def test_an_outage_that_boto3_has_too_is_none_of_its_own(endpoint, monkeypatch):
    express, through_boto3 = make(Config(retries={"total_max_attempts": 1}))
    await receive(express)
    endpoint.replies = [(503, {})]
    for _ in range(4):
        with pytest.raises(QueueUnavailable):
            await receive(express)
    endpoint.replies = [OK]
    await receive(express)
    assert len(through_boto3) == 5
    express.close()


@pytest.mark.parametrize(
    ("variables", "calls"),
    [
        ({"NO_PROXY": "169.254.169.254"}, 1),
        ({"HTTPS_PROXY": "http://127.0.0.1:1"}, 1),
        ({"HTTP_PROXY": "http://127.0.0.1:1", "NO_PROXY": "127.0.0.1"}, 1),
        ({"FTP_PROXY": "http://127.0.0.1:1"}, 1),
        ({"ALL_PROXY": "http://127.0.0.1:1"}, 3),
    ],
)
async def test_only_a_proxy_that_is_meant_for_it_is_boto3s_business(
    endpoint, monkeypatch, variables, calls
):
    for name in ("HTTP", "HTTPS", "ALL", "FTP", "NO"):
        monkeypatch.delenv(f"{name}_PROXY", raising=False)
        monkeypatch.delenv(f"{name}_PROXY".lower(), raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    express, through_boto3 = make()
    for _ in range(3):
        await receive(express)
    assert len(through_boto3) == calls
    express.close()


async def test_a_proxy_is_boto3s_business(endpoint, monkeypatch):
    express, through_boto3 = make()
    proxy = f"http://127.0.0.1:{await Endpoint().serve()}"
    monkeypatch.setenv("HTTP_PROXY", proxy)
    monkeypatch.delenv("NO_PROXY", raising=False)
    for _ in range(2):
        await receive(express)
    assert len(through_boto3) == 2
    express.close()


async def test_who_is_not_reached_in_time_is_called_by_boto3(endpoint, monkeypatch):
    express, through_boto3 = make(Config(connect_timeout=0.2))
    await receive(express)

    async def connect(*args, **options):
        await asyncio.sleep(3600)

    monkeypatch.setattr(asyncio.get_running_loop(), "create_connection", connect)
    assert (await receive(express))["Messages"] == OK[1]["Messages"]
    assert len(through_boto3) == 2
    express.close()
