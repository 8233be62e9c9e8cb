"""Manifest, parts and tally, by what must hold of all of them."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.bulk.front import JSON, LINES, Sent, read
from api.bulk.kept import PIECE, Outcome, Row
from api.bulk.manifest import Wanted, judged, lines, pieces, refusals
from api.bulk.manifest import read as rows_of
from api.bulk.results import lines as results
from api.bulk.results import merge
from api.bulk.tally import Seen, Tally, seen
from api.errand import Options
from api.jobs.terms import Terms
from wire import urls
from wire.errors import InvalidParameter
from wire.messages import ErrorBody, Label

ROWS = 12
SOME = st.builds(
    Outcome,
    row=st.integers(0, ROWS - 1),
    at=st.floats(1.0, 1e9),
    result=st.just("cat"),
    labels=st.just((Label(name="cat", class_id="n1", confidence=0.5),)),
    error=st.none() | st.just(ErrorBody(code="invalid_image", message="broken")),
)
TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\n\r"), max_size=40)
MANIFEST = [Row(row=at, url=f"http://example.com/{at}") for at in range(ROWS)]
EXPIRED = ErrorBody(code="job_expired", message="too late")


def part(outcomes):
    return "".join(f"{each.line()}\n" for each in outcomes).encode()


def tallied(parts):
    tally = Tally(ROWS)
    for data in parts:
        for each in seen(data):
            tally.add(each)
    return tally


def state(tally):
    said = (tally.done, tally.succeeded, tally.failed, tally.finished(), tally.rate())
    return said, [tally.has(row) for row in range(ROWS)]


@given(st.lists(SOME, max_size=60), st.randoms(use_true_random=False), st.integers(1, 9))
def test_order_repetition_and_division_change_no_tally(outcomes, random, size) -> None:
    first = tallied([part(outcomes)])
    again = [*outcomes, *random.sample(outcomes, len(outcomes) // 2)]
    random.shuffle(again)
    cut = [part(again[at : at + size]) for at in range(0, len(again), size)]
    assert state(tallied(cut)) == state(first)
    assert first.succeeded == len({each.row for each in outcomes if each.error is None})
    assert first.done == len({each.row for each in outcomes})
    assert first.complete == (first.done == ROWS)


@given(st.lists(SOME, max_size=60), st.randoms(use_true_random=False))
def test_results_have_a_line_a_row_and_agree_with_the_tally(outcomes, random) -> None:
    shuffled = [*outcomes, *outcomes[:5]]
    random.shuffle(shuffled)
    texts = []
    for each in (outcomes, shuffled):
        best = {}
        for data in (part(each[:7]), part(each[7:])):
            merge(best, data)
        texts.append(list(results(MANIFEST, best, EXPIRED)))
    assert texts[0] == texts[1]
    found = [json.loads(line) for line in texts[0]]
    assert [each["row"] for each in found] == list(range(ROWS))
    tally = tallied([part(outcomes)])
    assert sum(each["status"] == "succeeded" for each in found) == tally.succeeded
    missing = [each for each in found if each.get("error", {}).get("code") == "job_expired"]
    assert len(missing) == ROWS - tally.done
    so_far = list(results(MANIFEST, best, None))
    assert len(so_far) == tally.done


@given(st.lists(SOME, min_size=1, max_size=20), st.data())
def test_a_part_that_is_cut_short_says_what_is_whole(outcomes, data) -> None:
    whole = part(outcomes)
    cut = whole[: data.draw(st.integers(0, len(whole)))]
    kept = seen(cut)
    assert kept == seen(whole)[: len(kept)]
    assert len(kept) >= cut.count(b"\n")


def test_the_rate_is_by_the_queues_clock() -> None:
    tally = Tally(1000)
    for row in range(100):
        tally.add(Seen(row, True, 5000 + row / 10))
    assert tally.rate() == pytest.approx(10, rel=0.01)
    assert tally.seconds_left() == pytest.approx(90, rel=0.01)
    tally.add(Seen(100, True, 9000))  # after a long outage nothing of before counts
    assert tally.rate() is None


@given(
    st.lists(
        st.tuples(TEXT, st.none() | st.from_regex(r"[!-~]{1,64}", fullmatch=True)),
        min_size=1,
        max_size=1200,
    )
)
def test_a_manifest_comes_back_as_it_was(given_rows) -> None:
    wanted = [Wanted(url, name) for url, name in given_rows]
    rows = judged(wanted, urls.check)
    kept = pieces(rows)
    assert len(kept) == -(-len(rows) // PIECE)
    assert [row for piece in kept for row in rows_of(piece)] == rows
    assert [row.row for row in rows] == list(range(len(rows)))
    refused = [each.row for each in seen(refusals(rows)) if not each.ok]
    assert refused == [row.row for row in rows if row.refused is not None]


def asked(body, kind):
    return read(Sent.read(body, kind), Options(), Terms()).rows


@given(st.lists(st.sampled_from(["http://a.example/1", "no url", "ftp://b/2"]), min_size=1))
def test_all_forms_of_a_body_ask_for_the_same(wanted) -> None:
    forms = [
        asked(json.dumps(wanted).encode(), JSON),
        asked(json.dumps({"urls": wanted}).encode(), JSON),
        asked(json.dumps([{"url": each} for each in wanted]).encode(), JSON),
        asked("\r\n".join(json.dumps(each) for each in wanted).encode(), LINES[0]),
        asked("\n\n".join(json.dumps({"url": each}) for each in wanted).encode() + b"\n", LINES[1]),
    ]
    assert all(form == [Wanted(each) for each in wanted] for form in forms)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"{}",
        b"null",
        b"[1]",
        b"[{}]",
        b'[{"url": 1}]',
        b'[{"url": "a", "id": ""}]',
        b'[{"url": "a", "id": "a b"}]',
        json.dumps([{"url": "a", "id": "x" * 65}]).encode(),
        b"[" * 100_000,
        json.dumps(["a"] * 10_001).encode(),
        b"\xff\xfe",
    ],
)
def test_what_is_no_list_of_pictures_is_refused(body) -> None:
    with pytest.raises(InvalidParameter):
        asked(body, JSON)


def test_the_line_that_is_wrong_is_named() -> None:
    with pytest.raises(InvalidParameter, match="Line 3"):
        lines(b'"http://a.example/1"\n\n{"url": \n')
