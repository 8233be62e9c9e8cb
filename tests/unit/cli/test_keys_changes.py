"""What `keys` writes, over whatever others write meanwhile, and what it shows."""

import json
from datetime import timedelta

import pytest
import typer

from cli.keys import lifetime
from cli.keys_report import made, rows, table
from cli.keys_work import Revoking, Wish, adding, changed, kept
from wire.keyring import KEY, Keyring, Refused
from wire.memory import MemoryStore


class Busy(MemoryStore):
    """A store in which somebody else makes a key whenever one is about to be written, so many times."""

    def __init__(self, times: int) -> None:
        super().__init__()
        self.times = times

    async def replace(self, key, data, etag, content_type="application/json"):
        if self.times:
            self.times -= 1
            there = await self.read(KEY)
            ring = Keyring.read(there and there.data)
            other = adding(Wish(f"other-{self.times}")).over(ring)
            await self.put(KEY, other.encode().encode())
        return await super().replace(key, data, etag, content_type)


async def test_nothing_that_others_write_is_lost() -> None:
    store = Busy(3)
    await changed(store, adding(Wish("shop")).over)
    assert set((await kept(store)).clients) == {"shop", "other-0", "other-1", "other-2"}


async def test_who_never_gets_through_is_told() -> None:
    with pytest.raises(Refused, match="Try again"):
        await changed(Busy(100), adding(Wish("shop")).over)


async def test_only_hash_and_hint_are_kept_and_shown() -> None:
    store, new = MemoryStore(), adding(Wish("shop", ("jobs",), timedelta(days=90), 10.0, 50))
    ring = await changed(store, new.over)
    found = rows(ring, 0.0)
    shown = [
        (await store.get(KEY)).decode(),
        repr(ring),
        table(found),
        json.dumps(found),
        made("shop", ring.clients["shop"], "here", 5),
    ]
    secret = new.key.removeprefix("ccloud_")
    for text in shown:
        assert secret[:8] in text
        assert secret[:12] not in text
        assert secret[8:] not in text


async def test_a_successor_may_do_what_its_predecessor_may() -> None:
    store = MemoryStore()
    await changed(store, adding(Wish("shop", ("operate",))).over)
    ring = await changed(store, adding(Wish("shop")).over)
    assert [key.scopes for key in ring.clients["shop"].keys] == [("operate",)] * 2
    ring = await changed(store, adding(Wish("new")).over)
    assert ring.clients["new"].keys[0].scopes == ("classify", "jobs")


async def test_a_pasted_key_means_itself() -> None:
    store, first = MemoryStore(), adding(Wish("shop"))
    await changed(store, first.over)
    await changed(store, adding(Wish("shop")).over)
    ending = Revoking(first.key)
    ring = await changed(store, ending.over)
    assert [key.state(0.0) for key in ring.clients["shop"].keys] == ["revoked", "live"]
    assert len(ending.ended) == 1


@pytest.mark.parametrize(
    ("text", "span"),
    [("90d", timedelta(days=90)), ("12h", timedelta(hours=12)), (" 5m ", timedelta(minutes=5))],
)
def test_lifetimes_have_units(text, span) -> None:
    assert lifetime(text) == span


@pytest.mark.parametrize("text", ["", "90", "0d", "-1d", "1y", "999999999d", "d", "1d2h"])
def test_what_is_no_lifetime_is_refused(text) -> None:
    with pytest.raises(typer.BadParameter, match="90d"):
        lifetime(text)


def test_a_table_has_a_line_a_key() -> None:
    ring = adding(Wish("shop", rate=0.0)).over(Keyring())
    lines = table(rows(ring, 0.0)).splitlines()
    assert lines[0].split() == ["client", "key", "state", "scopes", "created", "ends", "limit"]
    assert lines[1].startswith("shop")
    assert lines[1].endswith("no limit")
    assert "never" in lines[1]
