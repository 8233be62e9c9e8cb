"""What worker and decoder say to each other survives the way, and what keeps no rule is refused."""

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from classifier.limits import ImageLimits
from classifier.manifest import Preprocessing
from worker.decoder.frames import (
    HEAD_SIZE,
    LONGEST,
    ORDER_SIZE,
    Broken,
    Kind,
    Order,
    answer,
    head,
    read_head,
    readable,
)
from worker.decoder.throttle import Throttle

recipes = st.builds(
    Preprocessing,
    side=st.integers(1, 4096),
    resize=st.none() | st.integers(1, 8192),
    interpolation=st.sampled_from(["bilinear", "bicubic", "lanczos", "box", "nearest"]),
    detail=st.integers(1, 16),
    background=st.tuples(*[st.integers(0, 255)] * 3),
)


@given(recipes, st.integers(0, 2**32 - 1), st.integers(1, 2**63), st.integers(1, 65_535))
def test_an_order_comes_out_as_it_went_in(recipe, size, pixels, side):
    order = Order.of(size, recipe, ImageLimits(pixels, side))
    data = order.encode()
    assert len(data) == ORDER_SIZE
    assert Order.decode(data) == order
    for name in ("side", "resize", "interpolation", "detail", "background"):
        assert getattr(order, name) == getattr(recipe, name)
    assert order.answer_size == recipe.side**2 * 3


@given(st.binary(min_size=HEAD_SIZE, max_size=HEAD_SIZE), st.none() | st.integers(1, 2**26))
def test_a_head_is_bounded_or_refused(data, picture):
    try:
        kind, size = read_head(data, picture)
    except Broken:
        return
    assert size == picture if kind is Kind.PICTURE else size <= LONGEST


@pytest.mark.parametrize(
    ("kind", "size", "picture"),
    [
        (Kind.PICTURE, 11, 12),
        (Kind.PICTURE, 13, 12),
        (Kind.PICTURE, 0, None),
        (Kind.INVALID, LONGEST + 1, 12),
        (Kind.INVALID, 3, None),
        (Kind.READY, 3, 12),
        (Kind.LOCKED_OUT, 3, 12),
    ],
)
def test_what_keeps_no_rule_is_refused(kind, size, picture):
    with pytest.raises(Broken):
        read_head(head(kind, size), picture)
    with pytest.raises(Broken):
        read_head(struct.pack("!II", 99, 0), picture)


def test_a_text_is_cut_and_becomes_printable():
    data = answer(Kind.INVALID, "é\n" + "x" * 1000)
    assert read_head(data[:HEAD_SIZE], 12) == (Kind.INVALID, LONGEST)
    assert readable(data[HEAD_SIZE:]) == "??" + "x" * (LONGEST - 2)


@given(st.binary(max_size=1000))
def test_no_byte_of_a_text_does_anything_to_a_terminal(data):
    text = readable(data)
    assert len(text) <= LONGEST
    assert text.isascii()
    assert text == "" or text.isprintable()


async def test_forks_come_at_once_and_then_at_their_rate():
    now, slept = [100.0], []

    async def sleep(seconds):
        slept.append(seconds)
        now[0] += seconds

    throttle = Throttle(10, 5, clock=lambda: now[0], sleep=sleep)
    for _ in range(5):
        await throttle.turn()
    assert slept == []
    for _ in range(20):
        await throttle.turn()
    assert sum(slept) == pytest.approx(2.0)
    now[0] += 1000
    before = len(slept)
    for _ in range(6):
        await throttle.turn()
    assert len(slept) == before + 1
