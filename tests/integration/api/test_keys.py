"""Keys over real processes: made by the command, honored and forgotten by every replica."""

import asyncio
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

COMMAND = Path(sys.executable).with_name("classifycloud")
CLOSED = {"access": "keys"}


@pytest.fixture
def keys(account, tmp_path):
    """`classifycloud keys …` against the endpoints of this test."""

    def run(*arguments: str, code: int = 0) -> subprocess.CompletedProcess[str]:
        done = subprocess.run(
            [str(COMMAND), "keys", *arguments],
            cwd=tmp_path,
            env={**os.environ, "CLASSIFYCLOUD_BUCKET": "pictures"},
            capture_output=True,
            text=True,
            timeout=90,
        )
        assert done.returncode == code, done.stderr
        return done

    return run


async def status(http, api, key: str | None = None, path: str = "/models") -> int:
    headers = {} if key is None else {"Authorization": f"Bearer {key}"}
    return (await http.get(f"{api.url}{path}", headers=headers)).status_code


async def until(http, api, key: str, wanted: int) -> None:
    for _ in range(1800):
        if await status(http, api, key) == wanted:
            return
        await asyncio.sleep(0.05)
    raise AssertionError(f"never {wanted}")


async def test_a_key_lives_and_dies_on_every_replica(start, worker, keys, http) -> None:
    done = keys("add", "shop", "--expires", "90d")
    key = done.stdout.removesuffix("\n")
    assert key.startswith("ccloud_")
    assert len(key.split()) == 1
    assert key not in done.stderr
    apis = [await start(**CLOSED).ready(), await start(**CLOSED).ready()]
    for api in apis:
        await until(http, api, key, 200)
        assert await status(http, api) == 401
        assert await status(http, api, key, "/metrics") == 403
        answer = await http.get(
            f"{api.url}/classify",
            params={"url": "https://example.com/cat.jpg"},
            headers={"X-API-Key": key},
        )
        assert answer.json()["result"] == "seen https://example.com/cat.jpg"
    # Made while they run, and ended while they run.
    successor = keys("add", "shop").stdout.strip()
    for api in apis:
        await until(http, api, successor, 200)
    keys("revoke", key[:15])
    for api in apis:
        await until(http, api, key, 401)
        assert await status(http, api, successor) == 200
    for api in apis:
        assert key[15:] not in api.log.read_text()
        assert successor[15:] not in api.log.read_text()


async def test_a_third_key_is_refused_and_says_what_to_do(keys) -> None:
    first = keys("add", "twice").stdout.strip()
    keys("add", "twice", "--scope", "operate", "--scope", "jobs")
    refused = keys("add", "twice", code=1)
    assert refused.stdout == ""
    assert f"classifycloud keys revoke {first[:15]}" in refused.stderr
    rows = json.loads(keys("list", "--json").stdout)["keys"]
    mine = [row for row in rows if row["client"] == "twice"]
    assert [row["scopes"] for row in mine] == [["classify", "jobs"], ["operate", "jobs"]]
    assert first[:15] in keys("list").stdout
    assert first not in keys("list").stdout
    keys("revoke", "twice")
    assert "revoked" in keys("list").stdout
    keys("add", "twice")


async def test_misuse_is_named(keys) -> None:
    assert "--scope paint" in keys("add", "a", "--scope", "paint", code=2).stderr
    assert "lower-case" in keys("add", "A b", code=1).stderr
    assert "keys list" in keys("revoke", "nobody", code=1).stderr


async def test_commands_at_the_same_time_lose_nothing(keys) -> None:
    names = [f"client-{i}" for i in range(4)]
    await asyncio.gather(*(asyncio.to_thread(keys, "add", name) for name in names))
    rows = json.loads(keys("list", "--json").stdout)["keys"]
    assert set(names) <= {row["client"] for row in rows}


async def test_a_forged_address_is_of_no_use_over_a_real_socket(start, http) -> None:
    api = await start(address_rate=0.01, address_burst=2).ready()
    forged = [
        {"X-Forwarded-For": f"198.51.100.{i}", "Forwarded": f"for=198.51.100.{i}"} for i in range(5)
    ]
    answers = [await http.get(f"{api.url}/models", headers=each) for each in forged]
    # Half of two tokens where another replica's queue is there still: one at least.
    assert [answer.status_code for answer in answers][2:] == [429, 429, 429]
    assert answers[0].status_code == 200
    assert int(answers[-1].headers["Retry-After"]) >= 1


async def test_each_of_two_replicas_gives_half(start, http) -> None:
    first = await start().ready()
    second = await start(address_rate=0.01, address_burst=20).ready()
    # Counted once its own queue is there; until then a replica takes itself for the only one.
    for _ in range(200):
        if second.events("replicas counted"):
            break
        await asyncio.sleep(0.05)
    answers = [await http.get(f"{second.url}/models") for _ in range(25)]
    assert [answer.status_code for answer in answers].count(200) <= 10
    assert await status(http, first) == 200
