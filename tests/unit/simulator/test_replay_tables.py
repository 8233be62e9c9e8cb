"""The tables of the replay say what was run, and leave out what is not there."""

from bench.scaling.dominance import dominates
from bench.scaling.replay.runs import Run, replayed
from bench.scaling.replay.setups import BOOTS, POLICIES, Setup, Traffic, missing, traffic
from bench.scaling.replay.tables import side_by_side, verdicts

SETUP = Setup("short", {"service-time": 0.1, "max-workers": 5})


def run(policy="keda", p99=10.0, cost=1.0, **more):
    given = {"traffic": "conv", "judged": True, "boot": 45, "p95": 1.0, "missed": 0}
    return Run(policy=policy, p99=p99, cost=cost, hours=0, turns=0, launches=0, **{**given, **more})


def everyone(**more):
    return [run(policy, boot=boot, **more) for policy in POLICIES for boot in BOOTS]


def test_half_the_wait_at_no_higher_cost_or_less_cost_at_no_longer_a_wait():
    rival = run(p99=10.0, cost=1.0)
    assert dominates(run(p99=5.0, cost=1.0), rival)
    assert dominates(run(p99=10.0, cost=0.7), rival)
    assert not dominates(run(p99=5.1, cost=0.71), rival)
    assert not dominates(run(p99=1.0, cost=1.01), rival)
    assert not dominates(run(p99=10.1, cost=0.1), rival)


def test_a_row_for_each_traffic_and_a_table_for_each_boot_time():
    text = side_by_side("a title", everyone(missed=7))
    assert [f"**a title, boot {boot} s**" in text for boot in BOOTS] == [True] * len(BOOTS)
    row = f"| conv | {' | '.join(['10 · 1.00 (7 late)'] * len(POLICIES))} |"
    assert text.count(row) == len(BOOTS)


def test_only_what_is_judged_by_is_judged_and_what_is_dominated_is_bold():
    ours = [run(each, p99=4.0, boot=boot) for each in ("wait-time", "forecast") for boot in BOOTS]
    others = [each for each in everyone() if each.policy not in ("wait-time", "forecast")]
    text = verdicts([*ours, *others, *everyone(traffic="flash", judged=False)])
    assert text.count("**0.40 · 1.00**") == 2 * len(BOOTS) * 4
    assert "flash" not in text


def test_real_traces_that_are_not_there_are_left_out_and_named(tmp_path):
    names = [each.name for each in traffic(SETUP, tmp_path)]
    assert names == ["poisson", "diurnal", "flash", "on-off"]
    assert [path.name for path in missing(tmp_path)] == [
        "azure_llm_conv.csv",
        "azure_llm_code.csv",
    ]
    (tmp_path / "azure_llm_code.csv").write_text("0\n")
    assert [each.name for each in traffic(SETUP, tmp_path)][4:] == ["code", "code, 2nd half"]
    assert len(missing(tmp_path)) == 1


def test_every_policy_is_run_with_every_boot_time():
    runs = replayed(SETUP, Traffic("mine", {"trace": "poisson", "duration": 60}))
    assert {(each.policy, each.boot) for each in runs} == {
        (policy, boot) for policy in POLICIES for boot in BOOTS
    }
    assert {each.traffic for each in runs} == {"mine"}
    assert all(each.cost > 0 and each.p99 >= 0 for each in runs)
