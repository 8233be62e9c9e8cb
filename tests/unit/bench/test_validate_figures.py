"""How a replay is read and compared."""

import json

import pytest

from bench.live.clients import Asked
from bench.live.diary import Diary
from bench.live.origin import Visit
from bench.scaling.validate.arrivals import arrivals
from bench.scaling.validate.measured import Spoilt, in_a_row, outcome
from bench.scaling.validate.outcome import Look, Outcome, by_minute, deviations, mean

ZERO = 1_795_262_400.0  # 2026-11-21T12:00:00Z


def test_arrivals_are_the_same_for_the_same_seed_and_have_ups_and_downs():
    times = arrivals(600, 3)
    assert times == arrivals(600, 3) != arrivals(600, 4)
    assert times == sorted(times)
    assert (times[0], times[-1] < 600) == (0.0, True)
    counts = [sum(start <= time < start + 20 for time in times) for start in range(0, 600, 20)]
    assert max(counts) > 4 * min(counts)


def test_only_pictures_that_were_waited_for_tell_the_service_time():
    visits = {
        "a": [Visit(0.0, 1)],
        "b": [Visit(1.1, 1)],  # waited since 0.5 while the first was worked on
        "c": [Visit(9.0, 1)],  # came to an idle worker
        "d": [Visit(1.2, 2)],  # another worker's first
    }
    assert in_a_row(visits, {"a": 0.0, "b": 0.6, "c": 0.01, "d": 1.0}, 1.0) == pytest.approx([1.1])


def write(path, *events):
    rows = [
        {"timestamp": f"2026-11-21T12:00:{at:02d}Z", "event": name, "process": process, **fields}
        for at, name, process, fields in events
    ]
    path.write_text("".join(f"{json.dumps(row)}\n" for row in rows))
    return Diary(path)


def answer(at, total, wait, code=200):
    return Asked(f"{at}", ZERO + at, code, total, wait=wait)


def test_workers_exist_from_their_launch_to_their_last_word(tmp_path):
    diary = write(
        tmp_path / "log",
        (0, "worker launched", "balancer", {}),
        (10, "tick", "balancer", {"workers": 1, "queued": 4}),
        (15, "worker launched", "balancer", {}),
        (25, "stopped", "worker", {}),
        (26, "worker exited", "balancer", {"code": 0}),
        (40, "worker launched", "balancer", {}),
    )
    found = outcome(diary, [answer(10, 2, 1.0), answer(20, 10, 3.0)], ZERO + 10)
    assert found.seconds == 20
    assert found.worker_seconds == 20 + 15 - 5  # of three, the last after the end
    assert found.launches == 1
    assert found.wait_mean == 2.0
    assert found.looks == [Look(0.0, 1.0, 4.0)]


@pytest.mark.parametrize(("code", "exit_code"), [(504, 0), (200, -9)])
def test_a_replay_in_which_something_broke_is_no_measurement(tmp_path, code, exit_code):
    diary = write(tmp_path / "log", (5, "worker exited", "balancer", {"code": exit_code}))
    with pytest.raises(Spoilt):
        outcome(diary, [answer(0, 1, 1.0, code)], ZERO)


def test_a_deviation_is_a_share_of_what_was_measured():
    one = Outcome(2.0, 1.0, 4.0, 5.0, 3.0, 30.0, 2, 10.0)
    two = Outcome(1.0, 1.0, 5.0, 5.0, 3.3, 33.0, 2, 10.0)
    off = deviations(one, two)
    assert off["wait, mean"] == -0.5
    assert off["wait, p95"] == 0.25
    assert off["workers, mean"] == pytest.approx(0.1)


def test_minutes_are_means_of_their_ticks():
    looks = [Look(0, 1, 0), Look(30, 3, 10), Look(61, 5, 2)]
    assert by_minute(looks, 70) == [(2.0, 5.0), (5.0, 2.0)]


def test_the_mean_of_runs_is_that_of_their_figures_and_ticks():
    one = Outcome(2.0, 1.0, 4.0, 5.0, 3.0, 30.0, 2, 10.0, [Look(0, 1, 0), Look(5, 3, 8)])
    two = Outcome(4.0, 3.0, 4.0, 5.0, 5.0, 50.0, 4, 10.0, [Look(0, 3, 2)])
    both = mean([one, two])
    assert (both.wait_mean, both.wait_p50, both.workers, both.launches) == (3.0, 2.0, 4.0, 3.0)
    assert both.looks == [Look(0, 2.0, 1.0)]
