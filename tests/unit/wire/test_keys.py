"""What a key looks like, and what of it is kept."""

import string

from hypothesis import given
from hypothesis import strategies as st

from wire import keys

ALPHABET = string.ascii_letters + string.digits + "-_"


def test_a_new_key_is_well_formed_and_never_the_same() -> None:
    made = {keys.make() for _ in range(100)}
    assert len(made) == 100
    assert all(keys.well_formed(key) for key in made)
    assert all(len(key) == 56 and key.startswith("ccloud_") for key in made)


@given(st.integers(0, 55), st.sampled_from(ALPHABET))
def test_a_wrong_character_is_noticed(place: int, letter: str) -> None:
    key = keys.make()
    wrong = key[:place] + letter + key[place + 1 :]
    assert keys.well_formed(wrong) is (wrong == key)


@given(st.text())
def test_what_is_no_key_is_none(text: str) -> None:
    assert not keys.well_formed(text)
    assert not keys.well_formed(keys.make() + text + "\n")


def test_the_hash_is_sha256_and_the_hint_gives_nothing_of_the_rest_away() -> None:
    key = "ccloud_" + "A" * 49
    # printf 'ccloud_AAA…' | sha256sum
    assert keys.hashed(key) == "e83aaf0cccd92e59e15aed69e9807e22cb4d5ef05f2f30e887e145e147fbad08"
    assert keys.hint(key) == "ccloud_AAAAAAAA"
