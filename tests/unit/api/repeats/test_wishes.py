import math

import pytest

from api.repeats.wishes import ANYTHING, Wish, wished


@pytest.mark.parametrize(
    ("values", "wish"),
    [
        ([], ANYTHING),
        ([""], ANYTHING),
        (["no-cache"], Wish(0.0)),
        (["No-Cache"], Wish(0.0)),
        (["no-store"], Wish(0.0, keep=False)),
        (["max-age=0"], Wish(0.0)),
        (["max-age=30"], Wish(30.0)),
        (["max-age = 30 "], Wish(30.0)),
        (['max-age="30"'], Wish(30.0)),
        (["max-age=-1"], Wish(0.0)),
        (["max-age=soon"], Wish(0.0)),
        (["max-age=9" + "9" * 5000], Wish(9999999999.0)),
        (["max-age=٣"], Wish(0.0)),
        (["max-age"], Wish(0.0)),
        (["max-age=30, max-age=20"], Wish(20.0)),
        (["max-age=30", "no-cache"], Wish(0.0)),
        (["no-transform, no-store,,"], Wish(0.0, keep=False)),
        (["max-stale=10, min-fresh=3, only-if-cached, x"], ANYTHING),
    ],
)
def test_the_wish_in_a_requests_cache_control(values, wish):
    assert wished(values) == wish
    assert wish.fresh == (wish.oldest == 0)


def test_whoever_wishes_nothing_takes_what_there_is():
    assert (ANYTHING.oldest, ANYTHING.keep, ANYTHING.fresh) == (math.inf, True, False)
