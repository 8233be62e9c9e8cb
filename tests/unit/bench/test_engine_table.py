"""Figures of engines: medians, the share of the peak, the ratio to the best."""

import pytest
import typer

from bench.engines.__main__ import _chosen, _numbers
from bench.engines.contenders import CONTENDERS
from bench.engines.table import Cell, markdown, rows

# 5 billion multiply-adds a picture on cores of 200 billion a second: 25 ms of CPU at best.
CELLS = {
    ("fast", 1): [Cell(60, 1.0, 3.0), Cell(10, 1.0, 0.4), Cell(50, 1.0, 2.5)],
    ("fast", 4): [Cell(160, 2.0, 4.0)],
    ("slow", 1): [Cell(20, 1.0, 2.0)],
}


def test_medians_of_rounds_and_ratios_to_the_best():
    one, four, slow = rows(CELLS, {}, 5.0)
    assert (one.engine, one.batch, one.per_second, one.cpu_ms) == ("fast", 1, 50.0, 50.0)
    assert [one.ratio, four.ratio, slow.ratio] == pytest.approx([0.625, 1.0, 0.25])


def test_the_share_of_the_peak_is_by_cpu_time():
    one, four, slow = rows(CELLS, {"fast": 200.0}, 5.0)
    assert (one.share, four.share) == pytest.approx((0.5, 1.0))
    assert slow.share is None


def test_the_table_has_a_line_for_each_row():
    table = markdown(rows(CELLS, {"fast": 200.0}, 5.0)).splitlines()
    assert len(table) == 2 + len(CELLS)
    assert table[2] == "| fast | 1 | 50.0 | 50.0 | 50 % | 0.62 |"
    assert table[4] == "| slow | 1 | 20.0 | 100.0 | – | 0.25 |"


def test_sizes_are_read_once_each_in_order():
    assert _numbers("8,1,8") == [1, 8]
    for wrong in ("", "1;2", "0", "512"):
        with pytest.raises(typer.BadParameter):
            _numbers(wrong)


def test_an_engine_that_there_is_not_is_named_with_those_that_there_are():
    assert _chosen([]) == list(CONTENDERS.values())
    with pytest.raises(typer.BadParameter, match=r"'fastest'.*OpenVINO int8"):
        _chosen(["fastest"])
