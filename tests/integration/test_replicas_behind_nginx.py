"""Two replicas of the front end behind nginx as it is shipped; one is killed with 200 requests open."""

import asyncio
import os
import signal
from collections import Counter

import httpx
import pytest

from tests.replicas import needs_nginx, proxied, second
from tests.servers import ROOT
from tests.service import Origin, service, wait_until

pytestmark = [pytest.mark.timeout(400), needs_nginx]
REQUESTS = 200
ANSWERS = {"coffee.jpg": "espresso", "chelsea.jpg": "tabby"}


SAMPLES = ROOT / "local" / "samples"


def picture(at: int) -> str:
    """Every request has an address of its own, and its neighbor another picture."""
    return f"{list(ANSWERS)[at % len(ANSWERS)]}?request={at}"


async def asked(url: str, pictures: list[str]) -> list[httpx.Response]:
    limits = httpx.Limits(max_connections=REQUESTS)
    async with httpx.AsyncClient(timeout=180, limits=limits) as client:
        asking = (client.get(f"{url}/classify", params={"url": each}) for each in pictures)
        return await asyncio.gather(*asking)


async def test_no_answer_goes_astray_when_a_replica_dies(tmp_path):
    origin = Origin(SAMPLES, delay=0.5)
    pictures = [origin.url(picture(at)) for at in range(REQUESTS)]
    try:
        with (
            service(tmp_path / "data", fetch_allow=origin.host, proxies="1") as running,
            second(running, tmp_path / "second.log") as (victim, port),
            proxied(tmp_path, running.port, port) as url,
        ):
            running.wait_ready(workers=1, seconds=120)
            asking = asyncio.create_task(asked(url, pictures))
            await asyncio.to_thread(
                wait_until,
                lambda: len(origin.hits) >= 20 and connections(victim.pid) > 20,
                120,
                "pictures are fetched, and the replica that is to die has its share",
            )
            # Frozen first: what is counted is what it takes along.
            os.kill(victim.pid, signal.SIGSTOP)
            open_there = connections(victim.pid)
            os.kill(victim.pid, signal.SIGKILL)
            answers = await asking
    finally:
        origin.close()
    verdicts = Counter(answer.status_code for answer in answers)
    assert set(verdicts) <= {200, 503}, verdicts
    assert verdicts[200] >= REQUESTS - open_there, verdicts
    for at, (wanted, answer) in enumerate(zip(pictures, answers, strict=True)):
        document = answer.json()
        if answer.status_code == 503:
            assert document["error"]["code"] == "shutting_down"
            continue
        assert document["imageUrl"] == wanted
        assert document["result"] == list(ANSWERS.values())[at % len(ANSWERS)]
    ids = [answer.json()["uuid"] for answer in answers if answer.status_code == 200]
    assert len(set(ids)) == len(ids), "two clients got the same answer"


def connections(pid: int) -> int:
    """Open connections to where it listens."""
    import psutil

    return sum(each.status == "ESTABLISHED" for each in psutil.Process(pid).net_connections("tcp"))
