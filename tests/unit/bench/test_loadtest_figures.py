"""The statistics of a load test, its URLs, and its report."""

import errno
import json
import math
import ssl

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.loadtest.asking import told, verdict
from bench.loadtest.connection import Broken, Reply
from bench.loadtest.outcome import Outcome
from bench.loadtest.report import burst, on_time
from bench.loadtest.summary import Latency, Lateness, Summary, percentile

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
    ranks = [latency.p50, latency.p90, latency.p95, latency.p99, latency.p999, latency.longest]
    assert ranks == sorted(ranks)
    assert latency.longest == max(values)
    assert math.isclose(latency.mean, sum(values) / len(values), abs_tol=1e-9)


@pytest.mark.parametrize("share", [0, -1, 1.01])
def test_a_share_out_of_range_is_refused(share: float) -> None:
    with pytest.raises(ValueError, match="share"):
        percentile([1.0], share)


def test_failures_count_by_code_and_their_times_do_not_count() -> None:
    outcomes = [
        Outcome(0, 1.0, "ok"),
        Outcome(0, 3.0, "ok", cached=True),
        Outcome(0, 120.0, "timed_out"),
        Outcome(0, 0.1, "overloaded", tries=3),
        Outcome(0, 0.1, "overloaded"),
    ]
    summary = Summary.of(outcomes, elapsed=4.0, unfinished=2)
    assert (summary.requests, summary.answered, summary.success_rate) == (5, 2, 0.4)
    assert summary.latency == Latency(2.0, 1.0, 3.0, 3.0, 3.0, 3.0, 3.0)
    assert summary.throughput == 0.5
    assert (summary.cached, summary.retried, summary.unfinished) == (1, 1, 2)
    assert list(summary.errors.items()) == [("overloaded", 2), ("timed_out", 1)]
    assert summary.as_json()["successRate"] == 0.4


def test_nothing_answered_has_no_latency() -> None:
    summary = Summary.of([Outcome(0, 1.0, "internal")], 1.0)
    assert summary.latency is None
    assert summary.as_json()["meanSeconds"] is None
    for text in (burst(summary), on_time(summary)):
        assert "0 of 1 (0 %)" in text
        assert "error internal: 1\n  The service failed." in text


def test_a_burst_stands_beside_the_papers_figures() -> None:
    text = burst(Summary.of([Outcome(0, 0.25, "ok")] * 40, 2.0))
    assert "40 of 40 (100 %)" in text
    assert "38 of 40 (95 %)" in text
    assert "0.25 s" in text
    assert "20.0" in text


@pytest.mark.parametrize(("late", "of", "lags"), [(2, 200, False), (3, 200, True), (2, 20, False)])
def test_a_sender_that_lags_says_so(late: int, of: int, lags: bool) -> None:
    outcomes = [Outcome(0, 1, "ok", late=0.06)] * late + [Outcome(0, 1, "ok", late=0.05)] * (
        of - late
    )
    assert Lateness.of(outcomes).lags is lags
    assert ("not the load that was asked for" in on_time(Summary.of(outcomes, 1.0))) is lags


@pytest.mark.parametrize(
    ("status", "body", "code"),
    [
        (200, {"result": "cat"}, "ok"),
        (200, {"result": ""}, "http_200"),
        (200, ["cat"], "http_200"),
        (502, "<html>", "http_502"),
        (503, {"error": {"code": "overloaded"}}, "overloaded"),
        (500, {"error": "text"}, "http_500"),
        (404, {"result": "cat"}, "http_404"),
    ],
)
def test_only_a_label_with_status_200_counts(status: int, body: object, code: str) -> None:
    text = body if isinstance(body, str) else json.dumps(body)
    assert verdict(Reply(status, "", bytearray(text.encode())))[0] == code


@pytest.mark.parametrize(("cached", "counts"), [(True, True), (False, False), ("yes", False)])
def test_a_cached_answer_says_so(cached: object, counts: bool) -> None:
    body = json.dumps({"result": "cat", "cached": cached}).encode()
    assert verdict(Reply(200, "", bytearray(body))) == ("ok", counts)


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (TimeoutError(), "no_answer"),
        (OSError(errno.ETIMEDOUT, "no SYN came back"), "no_connection"),
        (ConnectionRefusedError(), "no_connection"),
        (ConnectionResetError(), "broken_connection"),
        (Broken("hung up"), "broken_connection"),
        (ssl.SSLCertVerificationError(), "no_tls"),
        (OSError(errno.EMFILE, "too many open files"), "client_exhausted"),
    ],
)
def test_what_kept_an_answer_away_is_told_apart(error: Exception, code: str) -> None:
    assert told(error) == code
