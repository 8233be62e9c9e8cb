"""docs/observability.md has every metric of the code, and no other."""

import re
from dataclasses import replace
from pathlib import Path

from api.metrics import Metrics
from balancer.metrics import Beside, figures
from balancer.plan import Limits, Plan, Snapshot
from balancer.prometheus import ABOUT, ELSEWHERE, named
from balancer.rules import Rules
from balancer.tick import Tick
from worker.figures import Figures
from worker.lanes import Lanes
from worker.shift import Shift
from worker.tally import Tally

TABLE = re.compile(r"^\| `(classifycloud_\w+)` \| (\w+) \|([\w, ]*)\|", re.M)
PAGE = Path(__file__).resolve().parents[2] / "docs" / "observability.md"


def documented() -> dict[str, tuple[str, set[str]]]:
    return {
        name: (kind, {label for label in labels.replace(" ", "").split(",") if label})
        for name, kind, labels in TABLE.findall(PAGE.read_text(encoding="utf-8"))
    }


def test_every_metric_is_documented_with_its_kind():
    metrics = Metrics()
    metrics.watch_durable({"chores": {"done": 1}}, {"delivered": 1})
    families = [*metrics._registry.collect(), *figures_of_a_worker()]
    ours = {each.name: each.type for each in families if each.name.startswith("classifycloud_")}
    saw = Snapshot(queued=7, in_flight=2, workers=3, idle=1, busy=2, oldest_wait=1, boot_seconds=1)
    plan = Plan(desired=4, reason="why", launch=1)
    tick = Tick(1, 1, 0.0, saw, Rules(Limits()), plan, plan, served=9, hourly=1.0)
    of_ticks = figures(replace(tick, keys_age=1.0), Beside(1.0, 1, 1))
    of_ticks = [each for each in of_ticks if each.name not in ELSEWHERE]
    ours |= {named(each): "counter" if each.counts else "gauge" for each in of_ticks}
    assert ours == {name: kind for name, (kind, _labels) in documented().items()}
    assert {each.name for each in of_ticks} == set(ABOUT)


def figures_of_a_worker():
    return Figures("w", Shift(1), Tally(), Lanes(), lambda: 1).collect()


def test_labels_are_documented():
    metrics = Metrics()
    labels = {name: set(labels) for name, (_kind, labels) in documented().items()}
    for counter in (metrics._requests, metrics._seconds, metrics._answers, metrics._repeats):
        assert labels[counter._name] == set(counter._labelnames)
    for family in figures_of_a_worker():
        for sample in family.samples:
            assert set(sample.labels) - {"le"} <= labels[family.name]
