"""What is made of the measurements of peers: medians, loud windows, ratios, the table."""

from pathlib import Path

import pytest

from bench.live.closed_loop import Answers
from bench.peers.__main__ import refuse
from bench.peers.asking import Burst
from bench.peers.contenders import ENGINES, OURS, PEERS, Contender, chosen
from bench.peers.foreign import LOUD, share
from bench.peers.rounds import Plan, due, in_time
from bench.peers.summary import as_json, line, middle, ratios, table
from bench.peers.turns import Turn
from bench.peers.windows import Window, told

QUIET = LOUD / 2
OURS_INT8 = Contender(OURS, "openvino")
MICRO_INT8, MICRO_TF = Contender("micro", "openvino"), Contender("micro", "tensorflow")


def window(clients: int, per_second: float, foreign: float = QUIET, failed: int = 0) -> Window:
    return Window(clients, per_second, 10.0, 20.0, 30.0, failed, foreign)


def turn(per_second: float, cold: list[float], foreign: float = QUIET) -> Turn:
    windows = [window(1, per_second / 2, foreign), window(40, per_second, foreign)]
    return Turn(Burst(cold, 0), None, windows, 100 << 20, "pss")


def test_a_window_costs_its_cpu_divided_by_its_pictures() -> None:
    found = told(Answers([0.1, 0.2, 0.3, 0.4], 1, 2.0), 8, cpu=0.2, foreign=0.01)
    assert (found.per_second, found.cpu, found.failed) == (2.0, pytest.approx(50.0), 1)
    assert (found.p50, found.p99) == (pytest.approx(200.0), pytest.approx(400.0))


def test_a_window_without_answers_has_figures_all_the_same() -> None:
    found = told(Answers([], 7, 2.0), 8, cpu=0.2, foreign=0.0)
    assert (found.per_second, found.p50, found.cpu, found.failed) == (0.0, 0.0, 0.0, 7)


def test_foreign_load_is_a_share_of_all_cores_and_never_negative() -> None:
    assert share(everybody=3.0, own=2.0, elapsed=5.0, cores=2) == pytest.approx(0.1)
    assert share(everybody=1.0, own=2.0, elapsed=5.0, cores=2) == 0.0


def test_loud_windows_count_only_where_there_is_no_quiet_one() -> None:
    quiet, loud = window(40, 60.0), window(40, 20.0, foreign=0.5)
    assert middle([loud, quiet, loud]).per_second == 60.0
    assert not middle([loud, quiet]).loud
    assert middle([loud, loud]).loud


def test_failures_of_all_rounds_are_told() -> None:
    assert middle([window(40, 60.0, failed=1), window(40, 60.0, failed=2)]).failed == 3


def test_a_line_has_the_medians_of_its_turns() -> None:
    found = line(MICRO_INT8, [turn(60, [1.0, 2.0]), turn(50, [1.5, 4.0]), turn(10, [9.0, 9.0])])
    assert found.windows[40].per_second == 50
    assert found.cold == (1.5, 2.75, 4.0)
    assert found.idle is None
    assert found.memory_mib == 100


def test_ratios_are_to_the_best_peer_by_engine() -> None:
    lines = [
        line(OURS_INT8, [turn(66, [1.2])]),
        line(MICRO_INT8, [turn(60, [1.0])]),
        line(Contender("mosec", "openvino"), [turn(55, [2.0])]),
        line(MICRO_TF, [turn(16.5, [9.0])]),
    ]
    found = ratios(lines)
    assert found["pictures a second, peers with openvino"] == pytest.approx(1.1)
    assert found["pictures a second, peers with tensorflow"] == pytest.approx(4.0)
    assert found["last cold answer"] == pytest.approx(1.2)


def test_no_ratios_without_us_or_without_peers() -> None:
    assert ratios([line(MICRO_INT8, [turn(60, [1.0])])]) == {}
    assert ratios([line(OURS_INT8, [turn(60, [1.0])])]) == {}


def test_the_table_has_the_fastest_first_and_says_who_is_missing() -> None:
    lines = [line(MICRO_INT8, [turn(60, [1.0])]), line(OURS_INT8, [turn(66, [1.0])])]
    text = table(lines, {Contender("mosec", "tensorflow"): "hung up"})
    assert text.index("ClassifyCloud") < text.index("micro-batcher")
    assert "- mosec, tensorflow: hung up" in text
    assert "\\*" not in text


def test_the_table_marks_what_was_measured_on_a_busy_machine() -> None:
    text = table([line(MICRO_INT8, [turn(60, [1.0], foreign=0.4)])], {})
    assert "60.0*" in text
    assert "\\*" in text


def test_a_table_of_nothing_says_so() -> None:
    text = table([], {MICRO_TF: "could not be installed: no such version"})
    assert text.startswith("Nothing was measured")
    assert "no such version" in text


def test_json_has_every_window() -> None:
    found = as_json([line(OURS_INT8, [turn(60, [1.0])])], {MICRO_TF: "hung up"})
    assert set(found["lines"][0]["windows"]) == {1, 40}
    assert found["not measured"] == {"FastAPI + micro-batcher, tensorflow": "hung up"}


def test_contenders_are_ours_and_each_peer_with_each_of_its_engines() -> None:
    found = chosen([OURS, *PEERS], ENGINES)
    assert found[0] == OURS_INT8
    assert Contender("naive", "tensorflow") in found
    assert Contender("naive", "openvino") not in found
    assert len(found) == len(set(found)) == 12


def test_an_unknown_name_is_refused_with_the_known_ones() -> None:
    with pytest.raises(ValueError, match=r"triton: choose from classifycloud, .*mosec"):
        chosen(["triton"], ENGINES)
    with pytest.raises(ValueError, match=r"onnx: choose from openvino, tensorflow"):
        chosen(["micro"], ["onnx"])


def test_a_round_begins_only_if_it_will_probably_end_in_time() -> None:
    assert in_time(1, elapsed=0, limit=10)
    assert in_time(2, elapsed=600, limit=1200)
    assert not in_time(3, elapsed=1000, limit=1400)


def test_turns_go_round_and_end_with_the_time() -> None:
    plan = Plan([OURS_INT8, MICRO_TF], [1], rounds=5, seconds=1, minutes=1)
    clock = iter(range(0, 1000, 7))
    found = list(due(plan, lambda: next(clock)))
    assert [each for _, each in found] == [OURS_INT8, MICRO_TF] * 2
    assert [number for number, _ in found] == [1, 1, 2, 2]


def test_a_slow_machine_is_given_no_turn_after_the_limit() -> None:
    plan = Plan([OURS_INT8, MICRO_TF, MICRO_INT8], [1], rounds=1, seconds=1, minutes=1)
    clock = iter([0, 0, 50, 100])
    assert [each for _, each in due(plan, lambda: next(clock))] == [OURS_INT8, MICRO_TF]


def test_a_burst_without_workers_is_told_beside_the_cold_one() -> None:
    taken = turn(66, [3.0, 4.0])
    ours = Turn(taken.cold, Burst([0.5, 0.9], 0), taken.windows, taken.memory, taken.memory_kind)
    lines = [line(OURS_INT8, [ours, ours]), line(MICRO_INT8, [turn(60, [1.0])])]
    assert ratios(lines)["last answer, running without a worker"] == pytest.approx(0.9)
    assert "without a worker, 40 at once: first / mean / last 0.5 / 0.7 / 0.9 s." in table(
        lines, {}
    )


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"clients": [0, 8]}, "at least 1"),
        ({"bundle": Path("/nowhere")}, "no manifest.json"),
        ({"out": Path("/nowhere/x.json")}, "make the folder"),
        ({"image": Path("x.gif")}, ".svg or .png"),
    ],
)
def test_what_would_fail_after_the_measuring_is_refused_before_it(wrong, said) -> None:
    asked = {"clients": [1], "bundle": None, "out": None, "image": None} | wrong
    with pytest.raises(ValueError, match=said):
        refuse(**asked)
