"""A picture that kills workers, through the whole service with its own settings: answered within the wait."""

import asyncio
import json
import os
import subprocess

import httpx
import pytest
from PIL import Image

from tests import color_bundle
from tests.servers import ROOT
from tests.service import COMMAND, Origin, service, wait_until

pytestmark = [pytest.mark.acceptance, pytest.mark.timeout(600)]
WAIT = 120.0  # seconds that the service keeps a client waiting, by default


def dlq(running, *arguments: str) -> str:
    done = subprocess.run(
        [str(COMMAND), "dlq", *arguments, "--data", str(running.data)],
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture
def pictures(tmp_path):
    folder = tmp_path / "pages"
    folder.mkdir()
    for color in color_bundle.COLORS:
        Image.new("RGB", (64, 64), color).save(folder / f"{color}.png")
    served = Origin(folder, delay=0.2)  # so that ten are received in one go
    yield served
    served.close()


async def test_a_killer_is_answered_within_its_clients_wait_and_so_are_its_mates(
    tmp_path, pictures
) -> None:
    color_bundle.write(tmp_path / "models")
    settings = {
        "models": str(tmp_path / "models"),
        "model": "colors",
        "fetch_allow": pictures.host,
    }
    path = str(ROOT / "tests" / "deadly")
    os.environ["PYTHONPATH"] = path
    try:
        start = service(tmp_path / "data", **settings)
        running = start.__enter__()
    finally:
        del os.environ["PYTHONPATH"]
    try:
        running.wait_ready(workers=1)
        async with httpx.AsyncClient(base_url=running.url, timeout=WAIT + 10) as http:
            colors = ["blue"] + ["red", "green", "red"] * 3
            loop = asyncio.get_running_loop()
            began = loop.time()

            async def ask(color):
                answer = await http.get("/classify", params={"url": pictures.url(f"{color}.png")})
                return answer, loop.time() - began

            (killer, took), *mates = await asyncio.gather(*map(ask, colors))
        assert (killer.status_code, killer.json()["error"]["code"]) == (500, "worker_crashed")
        assert took < WAIT
        assert [answer.json()["result"] for answer, _ in mates] == colors[1:]
        uuid = killer.json()["error"]["job"]
        wait_until(lambda: running.depth("requests") == 0, 60, "jobs are left in the queue")
        rows = json.loads(dlq(running, "list", "--json"))["messages"]
        assert [(row["id"], row["kind"]) for row in rows] == [(uuid, "poison job")]
    finally:
        start.__exit__(None, None, None)
    # The cause is gone: the same data, without what made blue deadly.
    with service(tmp_path / "data", **settings) as running:
        running.wait_ready(workers=1)
        dlq(running, "redrive", "--all")

        def redone():
            answer = httpx.get(f"{running.url}/jobs/{uuid}", timeout=10)
            return answer.status_code == 200 and answer.json()

        assert wait_until(redone, 60, "the redriven job is not answered")["result"] == "blue"
        assert json.loads(dlq(running, "list", "--json"))["messages"] == []
