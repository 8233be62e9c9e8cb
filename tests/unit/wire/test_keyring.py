"""Who holds which keys: at most two live ones each, and what becomes of those that end."""

import pytest

from wire import keys
from wire.keyring import REMEMBERED, Key, Keyring, Refused, added, revoked
from wire.messages import Undecodable

NOW = 1_000_000.0


def key(created: float = NOW, expires: float | None = None) -> Key:
    text = keys.make()
    return Key(
        hash=keys.hashed(text),
        hint=keys.hint(text),
        scopes=("classify",),
        created=created,
        expires=expires,
    )


def ring(*made: Key, name: str = "shop") -> Keyring:
    built = Keyring()
    for each in made:
        built = added(built, name, each, None, None)
    return built


def states(held: Keyring, now: float, name: str = "shop") -> list[str]:
    return [each.state(now) for each in held.clients[name].keys]


def test_a_third_live_key_is_refused_with_the_remedy() -> None:
    first, second = key(), key()
    with pytest.raises(Refused, match=f"keys revoke {first.hint}"):
        added(ring(first, second), "shop", key(), None, None)


def test_a_dead_key_makes_room() -> None:
    first, second = key(expires=NOW + 60), key()
    later = added(ring(first, second), "shop", key(created=NOW + 61), None, None)
    assert states(later, NOW + 61) == ["expired", "live", "live"]


def test_a_key_expires_to_the_second() -> None:
    short = key(expires=NOW + 60)
    assert (short.state(NOW + 59.9), short.state(NOW + 60)) == ("live", "expired")


def test_one_key_is_revoked_by_its_hint_and_all_by_the_name() -> None:
    first, second = key(), key()
    held = ring(first, second)
    one, ended = revoked(held, first.hint, NOW + 5)
    assert states(one, NOW + 5) == ["revoked", "live"]
    assert [each.hash for each in ended] == [first.hash]
    both, ended = revoked(held, "shop", NOW + 5)
    assert states(both, NOW + 5) == ["revoked", "revoked"]
    assert len(ended) == 2


def test_revoking_touches_nobody_else() -> None:
    mine, theirs = key(), key()
    held = added(ring(mine), "other", theirs, None, None)
    after, _ = revoked(held, "shop", NOW)
    assert after.clients["other"] == held.clients["other"]


@pytest.mark.parametrize("who", ["nobody", "ccloud_00000000", "", "ccloud_"])
def test_what_means_no_live_key_is_refused(who: str) -> None:
    with pytest.raises(Refused, match="keys list"):
        revoked(ring(key()), who, NOW)


def test_a_revoked_key_is_not_revoked_again() -> None:
    first = key()
    once, _ = revoked(ring(first), first.hint, NOW)
    with pytest.raises(Refused):
        revoked(once, first.hint, NOW + 1)


@pytest.mark.parametrize("name", ["", "Shop", "a_b", "-a", "a" * 41, "a\n", "ccloud_x"])
def test_a_name_that_cannot_be_one_is_refused(name: str) -> None:
    with pytest.raises(Refused, match="lower-case"):
        added(Keyring(), name, key(), None, None)


def test_long_dead_keys_are_forgotten_when_one_is_added() -> None:
    old, newer = key(expires=NOW + 1), key(expires=NOW + 2 + REMEMBERED)
    later = added(ring(old, newer), "shop", key(created=NOW + 2 + REMEMBERED), None, None)
    assert states(later, NOW + 3 + REMEMBERED) == ["expired", "live"]
    assert old not in later.clients["shop"].keys


def test_a_clients_rate_stays_until_another_is_given() -> None:
    held = added(Keyring(), "shop", key(), 5.0, 10)
    assert held.clients["shop"].rate == 5.0
    again = added(held, "shop", key(), None, None)
    assert (again.clients["shop"].rate, again.clients["shop"].burst) == (5.0, 10)
    first = again.clients["shop"].keys[0]
    less, _ = revoked(again, first.hint, NOW)
    assert added(less, "shop", key(), 0.0, None).clients["shop"].rate == 0.0


def test_the_document_survives_its_encoding_and_a_newer_version() -> None:
    held = ring(key())
    assert Keyring.read(held.encode().encode()) == held
    assert Keyring.read(None) == Keyring()
    newer = held.encode().replace('"classify"', '"classify","paint"').replace("{", '{"new":1,', 1)
    assert Keyring.read(newer.encode()).clients["shop"].keys[0].scopes == ("classify", "paint")


@pytest.mark.parametrize("data", [b"", b"{", b'{"schema":2}', b'{"clients":{"a":{"keys":[{}]}}}'])
def test_what_cannot_be_read_is_said(data: bytes) -> None:
    with pytest.raises(Undecodable):
        Keyring.read(data)
