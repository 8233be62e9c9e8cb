"""Browsers sign in with a key and go by a cookie: over two real replicas, with all that must not work."""

import asyncio
import re

import httpx
import pytest

from tests.keychain import Keychain
from wire.ruling import KEY as LIMITS

CLOSED = {"access": "keys"}
PATIENCE = 120.0


@pytest.fixture
async def keychain(account):
    return Keychain(account[1])


@pytest.fixture
async def given(keychain):
    """Keys of the operator and of a shop."""
    operator = await keychain.add("operator", "operate", "classify")
    return operator, await keychain.add("shop", "classify")


@pytest.fixture
async def one(start, given):
    """A replica that knows them."""
    return await start(**CLOSED).ready()


class Browser:
    """Keeps cookies, as browsers do, by the replica it talks to at the moment."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self.client = client
        self.csrf = ""

    async def get(self, api, path: str, **about) -> httpx.Response:
        return await self.client.get(f"{api.url}{path}", **about)

    async def post(self, api, path: str, **about) -> httpx.Response:
        headers = {"X-CSRF-Token": self.csrf} | about.pop("headers", {})
        return await self.client.post(f"{api.url}{path}", headers=headers, **about)

    async def sign_in(self, api, key: str, **fields: str) -> httpx.Response:
        page = (await self.get(api, "/sign-in?next=/operate")).text
        csrf = re.search(r'name="csrf" value="([0-9a-f]+)"', page)[1]
        form = {"key": key, "csrf": csrf, "next": "/operate"} | fields
        answer = await self.client.post(f"{api.url}/session", data=form)
        self.csrf = (await self.get(api, "/session")).json()["csrf"]
        return answer


@pytest.fixture
async def browser():
    # To a cookie another port is the same place: the two replicas share it, as behind a load balancer.
    async with httpx.AsyncClient(timeout=60) as client:
        yield Browser(client)


async def until(check, what: str):
    for _ in range(round(PATIENCE / 0.2)):
        if await check():
            return
        await asyncio.sleep(0.2)
    raise AssertionError(what)


async def test_a_key_becomes_a_cookie_that_both_replicas_take(
    start, one, given, browser, worker
) -> None:
    operator, other = given[0], await start(**CLOSED).ready()
    assert (await browser.get(one, "/operate")).headers["location"] == "/sign-in?next=/operate"
    answer = await browser.sign_in(one, operator)
    assert (answer.status_code, answer.headers["location"]) == (303, "/operate")
    kept = answer.headers["set-cookie"].lower()
    assert {"httponly", "samesite=strict", "path=/"} <= {each.strip() for each in kept.split(";")}
    assert operator.lower() not in kept
    for api in (one, other):
        assert (await browser.get(api, "/operate")).status_code == 200
        told = (await browser.get(api, "/session")).json()
        assert (told["client"], told["scopes"]) == ("operator", ["classify", "operate"])
        good = await browser.get(api, "/classify", params={"url": "http://example.com/cat.jpg"})
        assert good.status_code == 200
    left = await browser.post(other, "/session/end")
    assert left.status_code == 204

    async def out() -> bool:
        statuses = [(await browser.get(each, "/metrics")).status_code for each in (one, other)]
        return statuses == [401, 401]

    await until(out, "the session outlives its end")


async def test_what_opens_nothing(one, given, browser) -> None:
    operator, shop = given
    wrong = await browser.sign_in(one, operator[:-1] + ("B" if operator.endswith("A") else "A"))
    assert wrong.status_code == 401
    assert 'role="alert">No key reads like that' in wrong.text
    assert (await browser.get(one, "/operate")).status_code == 303
    # Another scope is another key's: the shop is signed in, and may not operate.
    await browser.sign_in(one, shop)
    assert (await browser.get(one, "/session")).json()["client"] == "shop"
    assert (await browser.get(one, "/operate")).status_code == 303
    refused = await browser.post(one, "/operate/limits", json={"paused": True})
    assert refused.status_code == 403
    onward = await browser.sign_in(one, shop, next="https://example.com/")
    assert onward.headers["location"] == "/"


async def test_nobody_but_our_page_changes_anything(one, given, browser, account) -> None:
    operator, _ = given
    await account[1].delete(LIMITS)
    unasked = await browser.client.post(f"{one.url}/session", data={"key": operator})
    assert unasked.status_code == 403
    await browser.sign_in(one, operator)
    change = {"json": {"paused": True}}
    for headers in (
        {"X-CSRF-Token": ""},
        {"X-CSRF-Token": "0" * 64},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ):
        refused = await browser.post(one, "/operate/limits", headers=headers, **change)
        assert refused.status_code in (401, 403), headers
    # The key itself, without a page, is no better: what changes something is asked by the page.
    bearer = {"Authorization": f"Bearer {operator}", "X-CSRF-Token": ""}
    assert (await browser.post(one, "/operate/limits", headers=bearer, **change)).status_code == 403
    # Nor are limits that are none.
    for none in ({"min": 5, "max": 2}, {"max": 0}, {"min": -1}, {"min": "1"}, {"most": 1}, {}):
        refused = await browser.post(one, "/operate/limits", json=none)
        assert (refused.status_code, refused.json()["error"]["code"]) == (400, "invalid_parameter")
    assert await account[1].get(LIMITS) is None
    done = await browser.post(one, "/operate/limits", **change)
    assert done.status_code == 200
    assert b'"paused":true' in await account[1].get(LIMITS)


async def test_a_revoked_key_ends_its_session_and_the_page_that_is_open(
    one, given, browser, keychain
) -> None:
    operator, _ = given
    await browser.sign_in(one, operator)
    async with browser.client.stream(
        "GET", f"{one.url}/operate/events", timeout=PATIENCE
    ) as stream:
        assert stream.headers["content-type"].startswith("text/event-stream")
        lines = stream.aiter_lines()
        assert (await anext(lines)).startswith("retry:")
        await keychain.revoke("operator")
        said = [line async for line in lines]
    assert "event: over" in said
    assert (await browser.get(one, "/operate")).status_code == 303


async def test_visitors_have_their_quota(start, account, worker, http) -> None:
    api = await start(**CLOSED, visitors=3).ready()
    told = (await http.get(f"{api.url}/session")).json()
    assert told["visitors"] == {"requests": 3, "seconds": 3600}
    asked = {"params": {"url": "http://example.com/cat.jpg"}}
    statuses = [(await http.get(f"{api.url}/classify", **asked)).status_code for _ in range(4)]
    # Replicas of other tests may be counted still: each gives its part, and one at least.
    assert (statuses[0], statuses[-1]) == (200, 429)
    assert (await http.get(f"{api.url}/metrics")).status_code == 401


async def test_in_public_mode_all_may_operate_but_no_other_page(start, account, http) -> None:
    api = await start().ready()
    assert (await http.get(f"{api.url}/operate")).status_code == 200
    change = {"json": {"max": 3}}
    assert (await http.post(f"{api.url}/operate/limits", **change)).status_code == 403
    csrf = (await http.get(f"{api.url}/session")).json()["csrf"]
    good = await http.post(f"{api.url}/operate/limits", headers={"X-CSRF-Token": csrf}, **change)
    assert good.json()["operator"]["max"] == 3
    # A name that leads to this machine, and is not its own.
    rebound = {"Host": "rebound.example.com", "X-CSRF-Token": csrf}
    refused = await http.post(f"{api.url}/operate/limits", headers=rebound, **change)
    assert refused.status_code == 403
    assert (await http.get(f"{api.url}/operate", headers=rebound)).status_code == 403
