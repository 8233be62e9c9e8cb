"""How much a worker takes on: by its cores, its settings and its pace."""

import os
import re

import pytest

from wire.settings import WorkerSettings
from worker import capacity as sizes
from worker.assembly import appetite_of
from worker.capacity import appetite, capacity
from worker.cores import usable
from worker.shift import CALL


class Network:
    """What a holding goes by."""

    lanes, portion = 2, 4


def told():
    rows = re.findall(r"^ *([\d.]+) +\|(.+)$", sizes.__doc__, re.MULTILINE)
    return [(float(cores), *map(int, row.split("|"))) for cores, row in rows]


@pytest.mark.parametrize(("cores", "threads", "decoders", "fetchers", "prefetch"), told())
def test_the_table_is_what_is_derived(cores, threads, decoders, fetchers, prefetch):
    size = capacity(cores, WorkerSettings())
    assert (size.engine_threads, size.decoders) == (threads, decoders)
    assert (size.fetchers, size.prefetch) == (fetchers, prefetch)
    assert size.why["fetchers"] == f"{fetchers} (derived)"


def test_there_is_a_table():
    assert len(told()) >= 6


@pytest.mark.parametrize("name", ["engine_threads", "decoders", "fetchers", "prefetch"])
def test_each_is_overridden_by_itself(name):
    derived, size = capacity(4, WorkerSettings()), capacity(4, WorkerSettings(**{name: 3}))
    assert getattr(size, name) == 3
    assert size.why.pop(name) == "3 (set)"
    assert derived.why | size.why == derived.why


@pytest.mark.parametrize(
    ("pace", "held"),
    [
        (None, 40),  # unknown: as many as it may
        (0.1, 30),  # what is in work and what a call brings, however slow
        (5, 30),
        (16.2, 33),  # two seconds' worth
        (70, 40),  # as many as it may
    ],
)
def test_a_worker_holds_what_it_works_soon(pace, held):
    assert appetite(pace, most=40, in_work=20) == held


@pytest.mark.parametrize("seconds", [1, 3, 14])
@pytest.mark.parametrize("cores", [1, 2, 16, 64])
def test_slow_hosts_do_not_make_it_hold_less_than_its_fetchers_and_the_next_call_take(
    cores, seconds
):
    """The pace behind them is that of the fetchers, whatever the engine could."""
    size = capacity(cores, WorkerSettings())
    held = appetite_of(WorkerSettings(), size, Network())(size.fetchers / seconds)
    assert held >= min(size.prefetch, size.fetchers + CALL)


@pytest.mark.parametrize("pace", [None, 0.1, 1000])
def test_what_is_set_is_held_at_any_pace(pace):
    settings = WorkerSettings(prefetch=33)
    assert appetite_of(settings, capacity(2, settings), Network())(pace) == 33


@pytest.mark.parametrize(("pace", "held"), [(None, 40), (20, 40), (60, 40)])
def test_forty_clients_of_one_worker_of_two_cores_are_all_in_its_hands(pace, held):
    assert appetite_of(WorkerSettings(), capacity(2, WorkerSettings()), Network())(pace) == held


def test_it_never_holds_more_than_it_may():
    assert {appetite(pace, most=1, in_work=10) for pace in (None, 1, 100)} == {1}


@pytest.mark.parametrize(
    ("own", "files", "cores"),
    [
        ("0::/\n", {"cpu.max": "150000 100000\n"}, 1.5),
        ("0::/\n", {"cpu.max": "max 100000\n"}, None),
        ("0::/a/b\n", {"a/b/cpu.max": "max 100000", "a/cpu.max": "50000 100000"}, 0.5),
        ("0::/a\n", {"a/cpu.max": "50000 100000", "cpu.max": "20000 100000"}, 0.2),
        (
            "4:memory:/x\n3:cpu,cpuacct:/x\n",
            {"cpu/x/cpu.cfs_quota_us": "25000\n", "cpu/x/cpu.cfs_period_us": "100000\n"},
            0.25,
        ),
        ("3:cpu:/\n", {"cpu/cpu.cfs_quota_us": "-1\n", "cpu/cpu.cfs_period_us": "100000\n"}, None),
        ("0::/gone\n", {}, None),
        ("0::/\n", {"cpu.max": "nonsense"}, None),
    ],
)
def test_a_quota_counts_where_it_is_less_than_the_cores(tmp_path, own, files, cores):
    (tmp_path / "own").write_text(own)
    for name, text in files.items():
        file = tmp_path / "groups" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    found = usable(tmp_path / "groups", tmp_path / "own")
    there = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    assert found == (there if cores is None else min(cores, there))


def test_where_there_are_no_control_groups_all_cores_count(tmp_path):
    assert usable(tmp_path, tmp_path / "none") >= 1
