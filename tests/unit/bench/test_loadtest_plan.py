"""When a load test's requests are due, for which pictures, and what its files may hold."""

import itertools
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.loadtest.arrivals import Phase, by_chance, count, even, replayed, spiked
from bench.loadtest.hints import HINTS, OURS, explained
from bench.loadtest.targets import asked, own
from bench.loadtest.targets import given as listed
from bench.loadtest.written import Unreadable, phase, phases, trace, urls
from wire.errors import BY_CODE

some_phases = st.lists(
    st.builds(Phase, st.floats(0.1, 50), st.floats(0.1, 20)), min_size=1, max_size=4
)


def test_steps_are_evenly_spaced_and_follow_each_other() -> None:
    due = list(even([Phase(2, 1.5), Phase(4, 1)]))
    assert due == [0, 0.5, 1.0, 1.5, 1.75, 2.0, 2.25]


@given(some_phases)
def test_even_arrivals_ascend_are_as_many_as_counted_and_end_with_the_phases(
    wanted: list[Phase],
) -> None:
    due = list(even(wanted))
    assert len(due) == count(wanted)
    length = sum(each.seconds for each in wanted)
    assert all(0 <= each < length + 1 / 0.1 for each in due)


@given(some_phases, st.integers(0, 9))
def test_arrivals_by_chance_ascend_within_the_phases_and_can_be_had_again(
    wanted: list[Phase], seed: int
) -> None:
    due = list(by_chance(wanted, seed))
    assert due == sorted(due) == list(by_chance(wanted, seed))
    assert all(0 <= each < sum(phase.seconds for phase in wanted) for each in due)


def test_chance_brings_about_as_many_as_the_rate_says() -> None:
    assert 9_600 < len(list(by_chance([Phase(100, 100)], 1))) < 10_400


def test_a_spike_is_in_the_middle() -> None:
    sides = spiked(Phase(5, 60), Phase(100, 10))
    assert sides == [Phase(5, 25), Phase(100, 10), Phase(5, 25)]
    with pytest.raises(ValueError, match="shorter"):
        spiked(Phase(5, 10), Phase(100, 10))


def test_a_trace_begins_at_once_and_plays_faster() -> None:
    assert replayed([30.0, 10.0, 20.0, 50.0], 10, 3) == [0.0, 1.0, 2.0]


@pytest.mark.parametrize(
    "text", ["", "5", "x", "5x", "x5", "0x5", "5x0", "-1x5", "infx1", "nanx1", "1x2x3"]
)
def test_a_phase_that_is_none_is_named(text: str) -> None:
    with pytest.raises(Unreadable, match="RATExSECONDS"):
        phase(text)


def test_phases_are_read() -> None:
    assert phases("5x30, 0.5x1.5") == [Phase(5, 30), Phase(0.5, 1.5)]


@pytest.mark.parametrize(
    "text", ["seconds\n0.5\n1.5\n", "0.5\n1.5", "\ufeffat,size\n0.5,9\n1.5,7\n", '"0.5"\n"1.5"\n']
)
def test_a_trace_is_read_with_or_without_heading(tmp_path: Path, text: str) -> None:
    file = tmp_path / "t.csv"
    file.write_text(text, encoding="utf-8")
    assert trace(file) == [0.5, 1.5]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("0.5\nsoon\n", "line 2: 'soon'"),
        ("0.5\n\n", "line 2: ''"),
        ("nan\n", "line 1"),
        ("", "holds no"),
    ],
)
def test_a_trace_that_is_none_is_named_with_its_line(tmp_path: Path, text: str, said: str) -> None:
    file = tmp_path / "t.csv"
    file.write_text(text)
    with pytest.raises(Unreadable, match=said):
        trace(file)


def test_files_that_cannot_be_read_are_named(tmp_path: Path) -> None:
    with pytest.raises(Unreadable, match=r"none\.csv cannot be read: No such file"):
        trace(tmp_path / "none.csv")
    (tmp_path / "bytes").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(Unreadable, match="UTF-8"):
        urls(tmp_path / "bytes")


def test_addresses_are_read_and_others_named(tmp_path: Path) -> None:
    file = tmp_path / "urls"
    file.write_text("# mine\n\n https://a/b.jpg?x=1 \nhttp://c/d\n")
    assert urls(file) == ["https://a/b.jpg?x=1", "http://c/d"]
    for wrong in ("ftp://a/b", "a.jpg", "http://", "http://[::1"):
        file.write_text(f"http://a/b\n{wrong}\n")
        with pytest.raises(Unreadable, match="line 2"):
            urls(file)


@given(st.integers(1, 200), st.integers(1, 50))
def test_own_addresses_are_distinct_and_spread_over_the_files(number: int, files: int) -> None:
    url = own("http://h:1", [f"{n}.jpg" for n in range(files)], "r1")
    found = [url(n) for n in range(number)]
    assert len(set(found)) == number
    used = [sum(f"/{n}.jpg?" in each for each in found) for n in range(files)]
    assert max(used) - min(used) <= 1


def test_names_are_quoted_and_no_two_runs_share_an_address() -> None:
    assert own("http://h:1", ["my cat?.jpg"], "r1")(1) == "http://h:1/my%20cat%3F.jpg?run=r1&n=1"
    assert own("http://h:1", ["a"], "r1")(0) != own("http://h:1", ["a"], "r2")(0)


def test_given_addresses_stay_as_they_are_and_begin_again() -> None:
    assert [listed(["a", "b"])(n) for n in range(3)] == ["a", "b", "a"]


@pytest.mark.parametrize(
    ("share", "least", "most"), [(0.0, 1000, 1000), (0.3, 640, 760), (1.0, 1, 1)]
)
def test_so_many_pictures_are_asked_for_again(share: float, least: int, most: int) -> None:
    found = list(itertools.islice(asked(str, share), 1000))
    assert least <= len(set(found)) <= most


def test_every_code_has_a_meaning_and_a_hint_and_no_other_has() -> None:
    for code in [*BY_CODE, *OURS, "http_502"]:
        meaning, hint = explained(code)
        assert meaning
        assert hint, code
    assert set(HINTS) <= set(BY_CODE)
    assert explained("ok") == ("", "")
