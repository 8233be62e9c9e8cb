"""`classifycloud simulate` and `classifycloud trace`: what they print, write and refuse."""

import json
import signal
import subprocess
import sys
from dataclasses import fields
from datetime import UTC, datetime, timedelta
from inspect import signature
from pathlib import Path
from subprocess import PIPE

import pytest
import typer
from typer.testing import CliRunner

from balancer.plan import Limits
from balancer.simulator.cases import Traffic, cases, trace
from balancer.simulator.world import World
from cli import simulate_options
from cli.main import app
from cli.simulate import _report, simulate
from cli.trace_records import Enqueued
from wire.messages import Answer, Timings
from wire.records import Record
from wire.settings import BalancerSettings

runner = CliRunner()
NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)


def run(*arguments):
    return runner.invoke(app, [str(argument) for argument in arguments])


def simulated(*arguments):
    done = run("simulate", "--duration", 300, *arguments)
    assert done.exit_code == 0, done.output
    return done.stdout


def test_a_line_of_json_for_each_policy_with_each_trace_and_boot_time():
    text = simulated(
        "--policy", "criterion", "--policy", "always-max", "--trace", "poisson", "--trace", "flash",
        "--boot", 10, "--boot", 1, "--max-workers", 7, "--json",
    )  # fmt: skip
    rows = [json.loads(line) for line in text.splitlines()]
    assert {(row["policy"], row["trace"], row["boot"]) for row in rows} == {
        (policy, trace, boot)
        for policy in ("criterion", "always-max")
        for trace in ("poisson", "flash")
        for boot in (10.0, 1.0)
    }
    asked = [
        "wait_p50",
        "wait_p95",
        "wait_p99",
        "deadline_misses",
        "cost",
        "worker_seconds",
        "launches",
    ]
    assert all(name in row for name in asked for row in rows)
    assert all("series" not in row for row in rows)
    assert all(row["max_workers"] == 7 and row["answered"] > 1000 for row in rows)
    assert {row["launches"] for row in rows if row["policy"] == "always-max"} == {7}


def test_the_same_seed_is_the_same_run():
    assert simulated("--json", "--seed", 4) == simulated("--json", "--seed", 4)
    assert simulated("--json", "--seed", 4) != simulated("--json", "--seed", 5)


def test_series_have_a_value_per_tick():
    row = json.loads(simulated("--json", "--series", "--trace", "steady"))
    assert {len(values) for values in row["series"].values()} == {len(row["series"]["at"])}
    assert row["series"]["at"][:3] == [0.0, 5.0, 10.0]


def test_the_table_names_what_was_run():
    text = simulated("--policy", "criterion", "--trace", "on-off", "--boot", 20)
    assert "on-off, 300 s; boot 20 s, 1 s a picture, W_max 19" in text
    assert "criterion" in text


def test_a_png_and_a_page_that_needs_nothing_else(tmp_path):
    for name in ("out.png", "out.html"):
        simulated("--policy", "criterion", "--policy", "always-max", "--picture", tmp_path / name)
    assert (tmp_path / "out.png").read_bytes().startswith(b"\x89PNG")
    page = (tmp_path / "out.html").read_text()
    assert page.count("<svg") == 1
    for told in ("criterion", "always-max", "backlog", "missed deadlines", "<td>"):
        assert told in page
    assert 'href="http' not in page.replace('xlink:href="#', "")


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--policy", "nope"], "criterion"),
        (["--policy", "nope"], "no policy is called 'nope'"),
        (["--trace", "nope.csv"], "no file 'nope.csv'"),
        (["--min-workers", 5, "--max-workers", 3], "min_workers=5 is above max_workers=3"),
        (["--from", 9000], "nothing from second 9000"),
        (["--picture", "out.jpg"], "must end with .png or .html"),
        (["--picture", "no/such/out.png"], "there is no folder"),
        (["--picture", "out.png", "--boot", 1, "--boot", 2], "one trace with one boot time"),
        (["--crashes", -1], "--crashes"),
        (["--speed", "inf"], "inf is no finite number"),
        (["--boot", 1, "--boot", "inf"], "inf is no finite number"),
        (["--warm-up", 300, "--duration", 300], "warm_up=300: the trace is over after 300 s"),
        (["--picture", "/proc/out.png"], "/proc/out.png cannot be written: "),
    ],
)
def test_wrong_use_is_told_with_what_is_wrong(arguments, told):
    done = run("simulate", *arguments)
    assert done.exit_code == 2
    assert told in done.stderr


def test_where_no_picture_can_be_written_is_told_before_the_runs(tmp_path):
    folder = tmp_path / "folder.png"
    folder.mkdir()
    for picture in (folder, tmp_path / f"{'x' * 300}.html"):
        done = run("simulate", "--duration", 60, "--picture", picture)
        assert (done.exit_code, done.stdout) == (2, "")
        assert f"{picture} cannot be written: " in done.stderr
    assert list(tmp_path.iterdir()) == [folder]


def test_a_picture_that_could_not_be_written_after_all_costs_no_figures(tmp_path, capsys):
    found = list(
        cases(["criterion"], [trace("steady", Traffic(duration=60.0))], [1.0], Limits(), World())
    )
    with pytest.raises(typer.Exit) as ended:
        _report(found, as_json=False, series=False, picture=tmp_path / "gone" / "out.html")
    told = capsys.readouterr()
    assert ended.value.exit_code == 1
    assert "could not be written: No such file or directory" in told.err
    assert "criterion" in told.out


def test_a_broken_line_is_named(tmp_path):
    path = tmp_path / "mine.csv"
    path.write_text("seconds\n1\nx\n")
    done = run("simulate", "--trace", path)
    assert done.exit_code == 2
    assert "line 3: 'x' is no number" in done.stderr


@pytest.mark.parametrize(
    ("made", "unlike"),
    [(Limits, {"max_workers": 19, "service_seconds": 1.0}), (World, {}), (Traffic, {})],
)
def test_what_is_not_asked_for_is_as_everywhere_else(made, unlike):
    asked = {name: each.default for name, each in signature(simulate).parameters.items()}
    for each in fields(made):
        if each.name in asked:
            assert asked[each.name] == unlike.get(each.name, each.default), each.name


def test_the_policy_is_the_one_that_a_balancer_has():
    assert BalancerSettings.model_fields["policy"].default == simulate_options.POLICY


def test_ctrl_c_loses_no_run_that_is_over(tmp_path):
    short = tmp_path / "short.csv"
    short.write_text("0\n1\n2\n")
    week = ["--trace", str(short), "--trace", "poisson", "--rate", "100", "--duration", "604800"]
    command = [str(Path(sys.executable).with_name("classifycloud")), "simulate", "--json", *week]
    with subprocess.Popen(command, stdout=PIPE, stderr=PIPE, text=True) as running:
        first = running.stdout.readline()
        running.send_signal(signal.SIGINT)
        out, err = running.communicate(timeout=60)
    assert json.loads(first)["answered"] == 3
    assert (out, running.returncode) == ("", 130)
    assert err.strip() == "Stopped: 1 of 2 runs are shown."


def line(uuid, at, total):
    answer = Answer(uuid=uuid, image_url="http://h/a", timings=Timings(total_ms=total))
    return Record.of(answer, NOON + timedelta(seconds=at)).encode().encode()


def test_a_picture_was_enqueued_before_all_that_its_record_says_was_spent():
    found = Enqueued()
    found.add([line("a", 10, 2500.0), line("b", 9, 500.0), b"no record", line("a", 12, 4500.0)])
    noon = NOON.timestamp()
    assert [at - noon for at in found.between(noon, noon + 60)] == pytest.approx([7.5, 8.5])
    assert found.unreadable == 1
    assert len(found.between(noon + 8, noon + 60)) == 1


def test_a_copy_of_records_becomes_a_trace_that_can_be_simulated(tmp_path):
    hour = tmp_path / "records" / "12"
    hour.mkdir(parents=True)
    (hour / "one.jsonl").write_bytes(b"\n".join(line(f"p{n}", n, 500.0) for n in range(40)))
    (hour / "two.jsonl").write_bytes(line("p39", 39, 500.0) + b"\n" + line("late", 99.25, 500.0))
    out = tmp_path / "mine.csv"
    done = run("trace", out, "--from-records", tmp_path)
    assert done.exit_code == 0, done.output
    assert out.read_text().splitlines()[:3] == ["seconds", "0.000", "1.000"]
    assert out.read_text().splitlines()[-1] == "99.250"
    assert json.loads(run("simulate", "--trace", out, "--json").stdout)["answered"] == 41


def test_where_no_trace_can_be_written_is_told_before_records_are_read(tmp_path):
    for out in (tmp_path / f"{'x' * 300}.csv", "/proc/mine.csv"):
        done = run("trace", out, "--from-records", tmp_path / "absent")
        assert done.exit_code == 2
        assert f"{out} cannot be written: " in done.stderr


def test_a_trace_is_not_written_over_and_not_made_of_nothing(tmp_path):
    out = tmp_path / "mine.csv"
    empty = run("trace", out, "--from-records", tmp_path)
    assert (empty.exit_code, out.exists()) == (1, False)
    assert "No picture was recorded" in empty.stderr
    out.write_text("mine")
    again = run("trace", out, "--from-records", tmp_path)
    assert again.exit_code == 2
    assert out.read_text() == "mine"
    assert run("trace", tmp_path / "new.csv", "--from-records", tmp_path / "no").exit_code == 2
