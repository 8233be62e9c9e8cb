"""Which places in buckets may be read: a table."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wire.errors import Forbidden, InvalidUrl
from wire.inputs import Allowed, Place, parse

ALLOWED = Allowed(["pictures", "more-pictures", "ours"], own="ours")


@pytest.mark.parametrize(
    ("url", "place"),
    [
        ("s3://pictures/a.jpg", Place("pictures", "a.jpg")),
        ("s3://pictures/a/b%20c.jpg", Place("pictures", "a/b c.jpg")),
        ("s3://more-pictures/", Place("more-pictures", "")),
        ("s3://more-pictures", Place("more-pictures", "")),
        ("s3://pictures/../ours/x", Place("pictures", "../ours/x")),  # a key, and nothing else
        ("s3://pictures/%2e%2e/x", Place("pictures", "../x")),
        ("s3://pictures/a?versionId=1#x", Place("pictures", "a?versionId=1#x")),
        ("s3://pictures//a", Place("pictures", "/a")),
    ],
)
def test_what_is_on_the_list_may_be_read(url, place) -> None:
    assert ALLOWED.check(url) == place


@pytest.mark.parametrize(
    "url",
    [
        "s3://ours/uploads/x",  # this deployment's own, though it is listed
        "s3://other/a.jpg",
        "s3://pictures2/a.jpg",
        "s3://picture/a.jpg",
        "s3://pictures.evil.example/a.jpg",
        "s3://169.254.169.254/latest",
    ],
)
def test_what_is_not_on_the_list_is_forbidden(url) -> None:
    with pytest.raises(Forbidden):
        ALLOWED.check(url)


@pytest.mark.parametrize(
    "url",
    [
        "s3:/pictures/a",
        "s3://",
        "s3:///a.jpg",
        "s3://Pictures/a.jpg",
        "s3://pictures@other/a.jpg",
        "s3://pictures:443/a.jpg",
        "s3://pictures\\other/a",
        "s3://pictures%2f/a.jpg",
        "s3://pictures /a.jpg",
        "s3://pictures/a b.jpg",
        "s3://pictures/ä.jpg",
        "s3://pictures/%ff.jpg",
        "s3://pictures/%00.jpg",
        "s3://pictures/a\n.jpg",
        "s3://pictures/" + "a" * 1025,
        "s3://pictures/" + "%41" * 4000,
        "S3://pictures/a.jpg",
        "http://pictures/a.jpg",
        "s3://arn:aws:s3:::pictures/a.jpg",
    ],
)
def test_what_is_no_place_is_no_valid_url(url) -> None:
    with pytest.raises(InvalidUrl):
        ALLOWED.check(url)


def test_nothing_is_allowed_unless_it_is_said() -> None:
    with pytest.raises(Forbidden):
        Allowed([], own="ours").check("s3://pictures/a.jpg")


@given(st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=250))
def test_every_key_comes_back_as_it_was(key) -> None:
    place = Place("pictures", key)
    assert place.url.isascii()
    assert parse(place.url) == place
