"""Whose request it is, when cookies of others come along, the store is away, or secrets are made up."""

import pytest
from starlette.requests import Request

from api.sessions import cookie
from api.sessions.kept import FRESH, LASTS, Sessions
from tests.keychain import Keychain
from wire.errors import QueueUnavailable
from wire.memory import MemoryStore

OTHERS = 'prefs={"a":1}; other="x'


class Time:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


class Away(MemoryStore):
    """Fails while it is told to."""

    def __init__(self) -> None:
        super().__init__()
        self.down = False

    async def get(self, key: str) -> bytes | None:
        if self.down:
            raise QueueUnavailable
        return await super().get(key)


def test_cookies_of_other_applications_hide_none_of_ours() -> None:
    header = f"{OTHERS}; {cookie.NAME}=ours; more={{}}".encode()
    request = Request(
        {"type": "http", "scheme": "http", "server": ("h", 80), "path": "/", "query_string": b"",
         "headers": [(b"host", b"h"), (b"cookie", header)]}
    )  # fmt: skip
    assert cookie.secret(request, 0) == "ours"


async def test_while_the_store_is_away_known_sessions_go_on_until_their_end() -> None:
    store, time = Away(), Time()
    sessions = Sessions(store, time, time)
    secret, begun = await sessions.begin("operator", "hash")
    store.down = True
    time.now += 2 * FRESH
    assert await sessions.find(secret) == begun
    with pytest.raises(QueueUnavailable):
        await Sessions(store, time, time).find(secret)
    time.now += LASTS
    assert await sessions.find(secret) is None


async def test_what_was_ended_stays_so_while_the_store_is_away() -> None:
    store, time = Away(), Time()
    sessions = Sessions(store, time, time)
    secret, _ = await sessions.begin("operator", "hash")
    await sessions.end(secret)
    store.down = True
    assert await sessions.find(secret) is None


async def test_made_up_secrets_delete_nothing(deployment) -> None:
    await Keychain(deployment.store).add("someone")
    api = await deployment.replica(access="keys")
    deleted: list[str] = []
    kept = deployment.store.delete

    async def delete(key: str) -> None:
        deleted.append(key)
        await kept(key)

    deployment.store.delete = delete
    for made_up in ("x" * 43, "short"):
        headers = {"Cookie": f"{cookie.NAME}={made_up}", cookie.HEADER: cookie.token(made_up)}
        assert (await api.http.post("/session/end", headers=headers)).status_code == 204
    assert [each for each in deleted if each.startswith("sessions/")] == []
