"""Windows, calls and the projection of `bench.scale`; trends and verdicts of `bench.memory`."""

import json
import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.memory.held import part_of
from bench.memory.table import table
from bench.memory.trend import trend
from bench.memory.verdict import LIMITS, Sample, judged
from bench.scale import calls, tables
from bench.scale.depth import astray, disturbed, flat
from bench.scale.projection import FILE, Measured, Quotas, projected
from bench.scale.window import Window, middle, typical

ONE = Measured(per_second=65, sqs_calls=0.75, puts=0.02, front_end_ms=0.8, cores=2, held=64)


def window(per_second: float, ms: float = 30.0, foreign: float = 0.01) -> Window:
    cpu = {"front end": 0.5, "worker and engine": ms, "clients": 9.0, "host of pictures": 1.0}
    return Window(round(10 * per_second), 10.0, cpu, 0.75, 0.02, foreign)


@given(st.floats(-500, 500), st.floats(0, 1e3), st.integers(3, 40))
def test_a_straight_line_has_its_slope_and_no_error(slope: float, start: float, count: int) -> None:
    seconds = [60.0 * n for n in range(count)]
    found = trend(seconds, [start + slope * at / 3600 for at in seconds])
    assert found.slope == pytest.approx(slope, abs=1e-6)
    assert found.error == pytest.approx(0, abs=1e-3)


def test_a_textbook_slope_and_its_error() -> None:
    found = trend([0, 3600, 7200, 10800], [1.0, 3.0, 2.0, 4.0])
    assert found.slope == pytest.approx(0.8)
    assert found.error == pytest.approx(math.sqrt(1.8 / 2 / 5))


def test_two_points_prove_no_growth_and_one_is_refused() -> None:
    assert not trend([0, 60], [1, 500]).grows(10)
    for wrong in (([0.0], [1.0]), ([5.0, 5.0], [1.0, 2.0]), ([0.0, 1.0, 2.0], [1.0, 2.0])):
        with pytest.raises(ValueError, match="two points"):
            trend(*wrong)


def sampled(size: float, growth: float, name: str = "worker") -> list[Sample]:
    """An hour, a minute apart; MiB, and MiB an hour on top with an allocator's noise."""
    return [
        Sample(60.0 * n, {name: size + growth * n / 60 + (n % 3), "other": 5.0}) for n in range(61)
    ]


@pytest.mark.parametrize(("growth", "grows"), [(0, False), (5, False), (60, True)])
def test_only_real_growth_is_growth(growth: float, grows: bool) -> None:
    worker = judged(sampled(200, growth), warm_up=600)[0]
    assert (worker.name, worker.grows, worker.holds) == ("worker", grows, not grows)


def test_growth_while_it_warms_up_is_none() -> None:
    samples = [Sample(60.0 * n, {"worker": 100.0 + min(n, 10) * 20}) for n in range(61)]
    assert judged(samples, warm_up=600)[0].holds
    assert not judged(samples, warm_up=0)[0].holds


def test_a_part_over_its_limit_is_over_though_it_is_below_again() -> None:
    limit = LIMITS["worker"] * 1e6 / 2**20
    samples = [
        Sample(at, {"worker": size}) for at, size in ((0, limit - 5), (60, limit + 5), (120, 9))
    ]
    worker = judged(samples, warm_up=0)[0]
    assert worker.over
    assert not worker.holds
    assert "OVER" in table([worker])


def test_processes_are_known_by_their_command_lines() -> None:
    python = ["/x/.venv/bin/python", "-P"]
    assert part_of([*python, "-s", "-m", "worker.decoder", "7"]) == "decoders"
    assert part_of([*python, "-m", "worker"]) == "worker alone"
    assert part_of([*python, "-m", "local.sqs", "--port", "1"]) == "queue"
    assert part_of([*python, "-m", "bench.throughput.pictures"]) is None


def test_calls_are_read_from_what_the_endpoints_show() -> None:
    text = 'sqs_calls_total{action="SendMessageBatch",queue="c-requests"} 12\n' + (
        'sqs_call_messages_total{action="SendMessageBatch",queue="c-requests"} 99\n'
    )
    assert calls.SQS.findall(text) == [("SendMessageBatch", "c-requests", "12")]
    assert calls.S3.findall('s3_requests_total{action="PutObject"} 7\n') == [("PutObject", "7")]


def test_the_service_is_not_charged_with_clients_and_hosts() -> None:
    assert window(60).service_ms == 30.5


def test_the_typical_window_is_the_middle_of_those_in_which_nobody_else_worked() -> None:
    loud, slow, usual, fast = window(20, foreign=0.6), window(90), window(100), window(130)
    assert middle([fast, slow, usual]) is usual
    assert middle([loud, fast, slow]) is slow
    assert middle([loud, window(30, foreign=0.5), window(10, foreign=0.4)]) is loud


@pytest.mark.parametrize("at", [10, 100, 1000])
@pytest.mark.parametrize(("one", "is_flat"), [(91, True), (109, True), (89, False), (111, False)])
def test_flat_is_within_a_tenth_of_the_median_whichever_depth_differs(
    one: float, is_flat: bool, at: int
) -> None:
    found = {depth: window(100) for depth in (10, 100, 1000)} | {at: window(one)}
    assert flat(found) is is_flat


def test_one_window_that_went_wrong_does_not_judge_the_others() -> None:
    found = {10: window(92), 100: window(103), 1000: window(100), 10_000: window(99)}
    assert flat(found), "103 is more than a tenth above the 92 of the least depth"


@pytest.mark.parametrize(
    ("depth", "waiting", "kept"),
    [
        (10, [0, 14, 12], True),
        (10, [0, 0, 12], False),
        (10, [31, 31, 31], False),
        (1000, [0, 1090, 1005], True),
        (1000, [880, 890, 1000], False),
        (100, [], False),
    ],
)
def test_a_depth_is_kept_if_the_queue_says_so_in_the_median(depth, waiting, kept) -> None:
    assert astray({depth: replace(window(100), waiting=waiting)}) == ([] if kept else [depth])


async def test_the_queue_is_looked_at_in_every_window_and_the_looks_are_not_the_services() -> None:
    looks = iter(range(100, 200))

    class Calls:
        def since(self) -> tuple[int, int]:
            return 12, 1

    shown = iter(range(0, 1000, 10))
    found = await typical(lambda: next(shown), Calls, 0.05, lambda: next(looks))  # type: ignore[arg-type]
    assert len(found.waiting) == 1
    assert found.pictures == 10
    assert found.sqs == (12 - 1) / 10
    assert next(looks) == 103


@pytest.mark.parametrize(("last", "is_flat"), [(33, True), (34, False)])
def test_where_others_took_the_machine_cpu_is_judged(last: float, is_flat: bool) -> None:
    found = {10: window(100), 100: window(90), 1000: window(50, last, foreign=0.5)}
    assert disturbed(found)
    assert flat(found) is is_flat


def test_a_fleet_is_so_many_workers() -> None:
    quotas = Quotas.read()
    fleet = projected(ONE, quotas, 1_000)
    assert fleet.per_second == 65_000
    assert fleet.sqs_calls == 48_750
    assert fleet.in_flight_share == pytest.approx(64_000 / quotas.sqs_in_flight)
    assert fleet.puts_share == pytest.approx(1_300 / quotas.s3_puts_a_second)
    assert fleet.front_end_cores == pytest.approx(52)
    assert fleet.workers_dollars == pytest.approx(quotas.instance_hour / 3600 / 65 * 1e6)
    assert fleet.sqs_dollars == pytest.approx(0.75 * quotas.sqs_million_calls)


@given(st.integers(1, 5000))
def test_a_picture_costs_the_same_in_every_fleet(instances: int) -> None:
    quotas = Quotas.read()
    one, many = projected(ONE, quotas, 1), projected(ONE, quotas, instances)
    assert many.per_second == pytest.approx(instances * one.per_second)
    for name in ("workers_dollars", "spot_dollars", "sqs_dollars", "s3_dollars"):
        assert getattr(many, name) == pytest.approx(getattr(one, name))
    assert (many.launch_seconds > 0) is (instances > quotas.ec2_launch_bucket)


def test_more_cores_than_an_instance_has_count_in_proportion() -> None:
    eight = Measured(65, 0.75, 0.02, 0.8, cores=8, held=64)
    assert projected(eight, Quotas.read(), 4).per_second == 65


def test_every_quota_and_price_has_its_source_and_date() -> None:
    data = json.loads(FILE.read_text())
    assert data["looked_up"]
    assert all(each["source"] for each in data["values"].values())


def test_the_tables_name_what_was_found() -> None:
    found = {10: window(94), 100: window(100), 100_000: replace(window(97), waiting=[99_990])}
    text = tables.windows("waiting", found, tables.middle(found))
    assert "of the median" in text
    assert "| 10 | 94.0 | 0.969 |" in text
    assert "| 100,000 | 97.0 | 1.000 |" in text
    assert "| 99,990 |" in text
    assert "| 100 | 100.0 | 1.064 |" in tables.windows("workers", found, tables.first(found))
    fleets = tables.fleets([projected(ONE, Quotas.read(), n) for n in (10, 1000)], Quotas.read())
    assert "1,000 × c7a.large" in fleets
    assert "65,000" in fleets
