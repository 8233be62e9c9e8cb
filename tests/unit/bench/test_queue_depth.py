"""What `bench.queue_depth` says of its figures."""

import pytest

from bench.queue_depth import DEPTHS, Cost, flat, table


def found(**last: float) -> dict[int, Cost]:
    usual = Cost(a_message=100, a_count=150)
    return dict.fromkeys(DEPTHS, usual) | {DEPTHS[-1]: usual._replace(**last)}


@pytest.mark.parametrize(
    ("last", "is_flat"),
    [({"a_message": 199.0}, True), ({"a_message": 201.0}, False), ({"a_count": 8000.0}, False)],
)
def test_what_grows_with_the_depth_is_not_flat(last: dict[str, float], is_flat: bool) -> None:
    assert flat(found(**last)) is is_flat


def test_each_depth_has_a_row() -> None:
    rows = table({0: found(), 1_000: found(a_message=123.4)}).splitlines()
    assert len(rows) == 2 + len(DEPTHS)
    assert rows[0].count("message") == rows[0].count("count") == 2
    assert rows[-1] == "| 100,000 | 100 | 150 | 123 | 150 |"
