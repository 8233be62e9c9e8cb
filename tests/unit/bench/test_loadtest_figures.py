"""The statistics of a load test, its URLs, and its report."""

import math

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.loadtest.fire import verdict
from bench.loadtest.outcome import Outcome
from bench.loadtest.report import report
from bench.loadtest.summary import Latency, Summary, percentile
from bench.loadtest.targets import picture_urls

seconds = st.lists(st.floats(0, 1e6), min_size=1, max_size=60)


def test_nearest_rank_on_the_textbook_example() -> None:
    ordered = [15.0, 20.0, 35.0, 40.0, 50.0]
    shares = (0.05, 0.3, 0.4, 0.5, 1.0)
    assert [percentile(ordered, share) for share in shares] == [15, 20, 20, 35, 50]


@given(seconds, st.floats(0.001, 1))
def test_a_percentile_is_a_value_that_enough_values_do_not_exceed(
    values: list[float], share: float
) -> None:
    ordered = sorted(values)
    found = percentile(ordered, share)
    assert found in ordered
    assert sum(value <= found for value in ordered) >= share * len(ordered)


@given(seconds)
def test_latencies_are_in_order(values: list[float]) -> None:
    latency = Latency.of(values)
    assert latency is not None
    assert latency.p50 <= latency.p95 <= latency.longest == max(values)
    assert math.isclose(latency.mean, sum(values) / len(values), abs_tol=1e-9)


@pytest.mark.parametrize("share", [0, -1, 1.01])
def test_a_share_out_of_range_is_refused(share: float) -> None:
    with pytest.raises(ValueError, match="share"):
        percentile([1.0], share)


def test_failures_count_by_code_and_their_times_do_not_count() -> None:
    outcomes = [
        Outcome("a", 1.0, "ok", "cat"),
        Outcome("b", 3.0, "ok", "dog"),
        Outcome("c", 120.0, "timed_out"),
        Outcome("d", 0.1, "overloaded"),
        Outcome("e", 0.1, "overloaded"),
    ]
    summary = Summary.of(outcomes, elapsed=4.0)
    assert (summary.requests, summary.answered, summary.success_rate) == (5, 2, 0.4)
    assert summary.latency == Latency(mean=2.0, p50=1.0, p95=3.0, longest=3.0)
    assert summary.throughput == 0.5
    assert list(summary.errors.items()) == [("overloaded", 2), ("timed_out", 1)]
    assert summary.as_json()["successRate"] == 0.4


def test_nothing_answered_has_no_latency() -> None:
    summary = Summary.of([Outcome("a", 1.0, "internal")], 1.0)
    assert summary.latency is None
    assert summary.as_json()["meanSeconds"] is None
    assert "0 of 1 (0 %)" in report(summary)
    assert "error internal: 1" in report(summary)


def test_the_report_stands_beside_the_papers_figures() -> None:
    text = report(Summary.of([Outcome("a", 0.25, "ok", "cat")] * 40, 2.0))
    assert "40 of 40 (100 %)" in text
    assert "38 of 40 (95 %)" in text
    assert "0.25 s" in text
    assert "20.0" in text


@given(st.integers(1, 200), st.integers(1, 50))
def test_urls_are_distinct_and_spread_over_the_files(count: int, files: int) -> None:
    names = [f"{n}.jpg" for n in range(files)]
    urls = picture_urls("http://h:1", names, count)
    assert len(set(urls)) == len(urls) == count
    used = [sum(f"/{name}" in url for url in urls) for name in names]
    assert max(used) - min(used) <= 1


def test_names_are_quoted_and_a_first_round_has_no_query() -> None:
    assert picture_urls("http://h:1", ["my cat?.jpg"], 2) == (
        "http://h:1/my%20cat%3F.jpg",
        "http://h:1/my%20cat%3F.jpg?n=1",
    )


@pytest.mark.parametrize(
    ("response", "code"),
    [
        (httpx.Response(200, json={"result": "cat"}), "ok"),
        (httpx.Response(200, json={"result": ""}), "http_200"),
        (httpx.Response(200, json=["cat"]), "http_200"),
        (httpx.Response(502, text="<html>"), "http_502"),
        (httpx.Response(503, json={"error": {"code": "overloaded"}}), "overloaded"),
        (httpx.Response(500, json={"error": "text"}), "http_500"),
        (httpx.Response(404, json={"result": "cat"}), "http_404"),
    ],
)
def test_only_a_label_with_status_200_counts(response: httpx.Response, code: str) -> None:
    assert verdict(response)[0] == code
