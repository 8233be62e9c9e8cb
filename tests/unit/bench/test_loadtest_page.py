"""The report page: whole, self-contained, escaped; its scales and slices."""

import re
from collections.abc import Sequence
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.loadtest.outcome import Outcome
from bench.loadtest.page import page
from bench.loadtest.scales import linear, nine, nines
from bench.loadtest.summary import Summary
from bench.loadtest.timeline import MANY, Timeline

VOID = {"meta", "line", "path", "rect", "br"}
some = st.lists(
    st.builds(
        Outcome, st.floats(0, 1e4), st.floats(0, 1e3), st.sampled_from(["ok", "overloaded", "<b>"])
    ),
    max_size=50,
)


class Checked(HTMLParser):
    """Every element is closed, in turn; collects the text and the names."""

    def __init__(self, document: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.names: set[str] = set()
        self.text = ""
        self.feed(document)
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: Sequence[tuple[str, str | None]]) -> None:
        self.names.add(tag)
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID:
            assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


def drawn(outcomes: Sequence[Outcome], service: str = "http://h:1", said: str = "a burst") -> str:
    summary = Summary.of(outcomes, 2.0)
    return page(outcomes, summary, Timeline.of(outcomes), service, said)


def test_the_page_has_figures_charts_errors_and_how_it_was_made() -> None:
    outcomes = [Outcome(n / 10, 0.1 + n / 1000, "ok") for n in range(100)]
    found = Checked(drawn([*outcomes, Outcome(5, 1, "rate_limited")]))
    for text in (
        "100 of 101",
        "p99.9",
        "Latency by percentile",
        "Requests a second",
        "rate_limited",
    ):
        assert text in found.text
    assert "raise it, or stay below" in found.text
    assert "a burst" in found.text


def test_nothing_is_loaded_from_anywhere_and_nothing_runs() -> None:
    document = drawn([Outcome(0, 1, "ok")])
    assert not re.search(r"<script|<link|<img|<iframe|src=|href=|url\(|@import|\son\w+=", document)
    assert "default-src 'none'" in document


def test_hostile_text_is_shown_and_not_obeyed() -> None:
    evil = "<script>alert(1)</script>\"'><img src=x>"
    document = drawn([Outcome(0, 1, evil)], "http://u:secret@h/" + evil, evil)
    assert "<script" not in document
    assert "<img" not in document
    assert "secret" not in document
    assert evil in Checked(document).text


@given(some)
def test_any_outcomes_make_a_page(outcomes: list[Outcome]) -> None:
    document = drawn(outcomes)
    assert Checked(document).names >= {"svg", "table"}
    assert "nan" not in document
    assert "inf" not in document.replace("info", "")


@given(some)
def test_slices_hold_every_request_and_are_not_too_many(outcomes: list[Outcome]) -> None:
    timeline = Timeline.of(outcomes)
    slices = timeline.slices
    assert len(slices) <= MANY
    assert sum(each.due for each in slices) == len(outcomes)
    assert sum(each.answered + each.errors.total() for each in slices) == len(outcomes)


@given(st.floats(1e-6, 1e9))
def test_an_axis_ends_at_a_tick_not_far_above_its_values(high: float) -> None:
    scale = linear(high, 0, 100)
    assert high <= scale.high * (1 + 1e-9)
    assert scale.high <= 3 * high
    assert 2 <= len(scale.ticks) <= 6
    assert [scale.at(scale.low), scale.at(scale.high)] == [0, 100]


@pytest.mark.parametrize(("samples", "last"), [(1, "90 %"), (10, "90 %"), (1000, "99.9 %")])
def test_percentiles_go_as_far_as_the_samples_tell(samples: int, last: str) -> None:
    assert nines(samples, 0, 100).ticks[-1][1] == last


def test_each_nine_takes_the_same_room() -> None:
    assert nine(0.999) - nine(0.99) == pytest.approx(nine(0.99) - nine(0.9))
