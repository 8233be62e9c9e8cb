"""Traces: generated, from files, cut, sped up, repeated."""

import numpy as np
import pytest

from balancer.simulator import shapes, traces
from balancer.simulator.cases import Traffic, trace
from balancer.simulator.files import TraceUnusable, from_file


def all_of(found):
    return np.concatenate([np.empty(0), *found.chunks()])


@pytest.mark.parametrize("name", shapes.NAMES)
def test_a_generated_trace_keeps_its_rate_its_length_and_its_order(name):
    found = shapes.generated(name, 20.0, 7300.0, seed=3)
    times = all_of(found)
    assert len(times) / 7300 == pytest.approx(20.0, rel=0.02)
    assert (np.diff(times) >= 0).all()
    assert times[0] >= 0
    assert times[-1] < 7300
    assert (times == all_of(found)).all()


def test_seeds_differ_and_repeat():
    one, two = (all_of(shapes.generated("poisson", 5.0, 600.0, seed)) for seed in (1, 2))
    assert len(one) != len(two) or (one != two).any()


def test_each_shape_is_what_its_name_says():
    counts = {
        name: np.histogram(all_of(shapes.generated(name, 50.0, 3600.0)), 60, (0, 3600))[0]
        for name in shapes.NAMES
    }
    assert np.ptp(counts["steady"]) <= 1
    assert counts["poisson"].std() / counts["poisson"].mean() < 0.05
    assert counts["diurnal"][:5].mean() < counts["diurnal"][28:32].mean() / 4
    assert counts["flash"].argmax() in range(24, 28)
    assert counts["flash"].max() > 8 * np.median(counts["flash"])
    assert (counts["on-off"] == 0).sum() >= 30


def test_a_shape_comes_again_every_day():
    counts = np.histogram(all_of(shapes.generated("diurnal", 1.0, 3 * 86400)), 24, (0, 3 * 86400))
    days = counts[0].reshape(3, 8)
    assert (days.argmax(axis=1) % 8 >= 3).all()
    assert days.max(axis=1) == pytest.approx(days.max(), rel=0.1)
    assert days.min(axis=1) == pytest.approx(days.min(), rel=0.2)


def test_a_long_trace_comes_in_pieces():
    sizes = [len(chunk) for chunk in shapes.generated("diurnal", 100.0, 4 * 3600.0).chunks()]
    assert len(sizes) >= 4
    assert max(sizes) < 1_000_000


@pytest.mark.parametrize(
    "text",
    [
        "seconds\n3.5\n0.5\n2\n",
        "3.5\n.5\n2.0\n",
        "at,what\n3.5,a\n\n0.5,b\n2,c\n",
        "103.5\n100.5\n102",
    ],
)
def test_a_file_is_read_with_or_without_heading_sorted_and_from_its_first_arrival(tmp_path, text):
    path = tmp_path / "mine.csv"
    path.write_text(text)
    found = from_file(path)
    assert found.name == "mine"
    assert all_of(found).tolist() == [0.0, 1.5, 3.0]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("seconds\n1\ntwo\n3", "line 3: 'two' is no number"),
        ("1\nnan\n", "line 2: 'nan'"),
        ("seconds\n", "no arrivals"),
        ("", "no arrivals"),
        (b"\xff\xfe1", "not text"),
    ],
)
def test_a_file_that_is_no_trace_is_refused_by_name_and_line(tmp_path, text, told):
    path = tmp_path / "mine.csv"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(TraceUnusable, match=told) as refused:
        from_file(path)
    assert str(path) in str(refused.value)


def test_an_unknown_name_is_answered_with_those_there_are():
    with pytest.raises(TraceUnusable, match="steady, poisson, diurnal, flash, on-off"):
        trace("nothing.csv", Traffic())


def test_first_the_window_then_the_speed_then_the_repetition(tmp_path):
    path = tmp_path / "mine.csv"
    path.write_text("\n".join(map(str, [0, 10, 20, 30, 40, 50, 60])))
    found = trace(str(path), Traffic(start=20, end=50, speed=10, repeat=2))
    assert all_of(found).tolist() == [0.0, 1.0, 2.0, 3.0, 4.0, 5.0]
    assert found.duration == 6.0
    with pytest.raises(TraceUnusable, match="nothing from second 70"):
        trace(str(path), Traffic(start=70))


def test_a_trace_of_times_in_any_order():
    assert all_of(traces.of("x", np.array([2.0, 1.0]))).tolist() == [1.0, 2.0]
