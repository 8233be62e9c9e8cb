"""The index of models: what may be changed, and what a change leaves alone."""

import pytest
from pydantic import ValidationError

from wire.index import (
    Index,
    IndexRefused,
    Withdrawal,
    chosen,
    promoted,
    published,
    tried,
    withdrawn,
)
from wire.index_store import IndexCopy, changed
from wire.memory import MemoryStore

A, B = "a" * 64, "b" * 64


def index(*versions: str, default: str | None = None, former: str | None = None) -> Index:
    found = Index()
    for version in versions:
        found = published(found, "net", version, A)
    for version in (former, default):
        if version is not None:
            found = promoted(found, "net", version)
    return found


def gone(version: str) -> Withdrawal:
    return Withdrawal(version=version, reason="slow", by="w1", at=5.0)


def test_it_travels_and_comes_back():
    before = chosen(tried(index("1", "2", default="1"), "net", "2", 0.1, 7.0), "net")
    assert Index.decode(before.encode()) == before
    assert Index.read(None) == Index()


def test_a_version_never_changes():
    assert published(index("1"), "net", "1", A) == index("1")
    with pytest.raises(IndexRefused, match="net 1 is in the bucket with other content"):
        published(index("1"), "net", "1", B)


@pytest.mark.parametrize("name", ["../up", "a/b", "", ".hidden", "A", "x" * 65])
def test_names_that_could_be_paths_are_none(name):
    with pytest.raises(ValidationError):
        published(Index(), name, "1", A)
    with pytest.raises(ValidationError):
        published(Index(), "net", name.replace("A", "-"), A)


def test_who_is_promoted_is_followed_by_who_was():
    line = index("1", "2", default="2", former="1").line("net")
    assert (line.default, line.former) == ("2", "1")
    again = promoted(index("1", "2", default="2", former="1"), "net", "2").line("net")
    assert (again.default, again.former) == ("2", "1")


def test_the_version_of_a_folder_is_followed_too():
    line = promoted(index("2"), "net", "2", before="1").line("net")
    assert (line.default, line.former) == ("2", "1")


def test_a_canary_ends_when_it_is_promoted():
    trial = tried(index("1", "2", default="1"), "net", "2", 0.1, 7.0)
    line = promoted(trial, "net", "2").line("net")
    assert (line.default, line.former, line.canary) == ("2", "1", None)


def test_a_version_in_service_is_no_canary():
    with pytest.raises(IndexRefused):
        tried(index("1", default="1"), "net", "1", 0.1, 7.0)


def test_a_canary_taken_back_leaves_the_version_in_service():
    trial = tried(index("1", "2", default="1"), "net", "2", 0.1, 7.0)
    line = withdrawn(trial, "net", gone("2")).line("net")
    assert (line.default, line.canary, line.withdrawn) == ("1", None, (gone("2"),))


def test_a_version_in_service_is_followed_by_its_former_one():
    line = withdrawn(index("1", "2", default="2", former="1"), "net", gone("2")).line("net")
    assert (line.default, line.former) == ("1", None)


@pytest.mark.parametrize("version", ["1", "2", "9"])
def test_what_serves_nobody_or_has_no_other_is_not_taken_back(version):
    before = index("1", "2", default="2")
    assert withdrawn(before, "net", gone(version)) == before
    assert withdrawn(Index(), "net", gone(version)) == Index()


async def test_two_who_write_at_once_both_count():
    store = MemoryStore()
    await changed(store, lambda before: published(before, "net", "1", A))
    seen = []

    def slow(before: Index) -> Index:
        seen.append(before)
        if len(seen) == 1:  # somebody else is faster
            other = published(before, "other", "1", B)
            store._objects.clear()
            store._objects |= filled(other)
        return published(before, "net", "2", B)

    after = await changed(store, slow)
    assert set(after.models) == {"net", "other"}
    assert list(after.line("net").versions) == ["1", "2"]


async def test_a_change_that_changes_nothing_writes_nothing():
    store = MemoryStore()
    assert await changed(store, lambda before: before) == Index()
    assert await store.keys("") == []


async def test_a_copy_outlives_the_store_and_reads_only_what_is_new():
    store = MemoryStore()
    copy = IndexCopy(store)
    assert not await copy.read()
    assert copy.known
    await changed(store, lambda before: published(before, "net", "1", A))
    assert await copy.read()
    assert not await copy.read()
    await store.put("models/index.json", b"no json")
    assert not await copy.read()
    assert copy.index.line("net").versions == {"1": A}


async def test_who_waits_reads_once_a_second():
    store, now = MemoryStore(), [100.0]
    copy = IndexCopy(store, lambda: now[0])
    await copy.read()
    await changed(store, lambda before: published(before, "net", "1", A))
    assert not await copy.read_soon()
    now[0] += 1.0
    assert await copy.read_soon()


def filled(index: Index) -> dict:
    from wire.memory import _Object

    return {"models/index.json": _Object(index.encode().encode(), 0.0)}
