"""Who dominates whom, and that the frontier asks the simulator for what it says."""

import sys

import pytest

from bench.scaling import frontier
from bench.scaling.frontier import Run


def run(wait: float, hours: float, policy: str = "forecast") -> Run:
    return Run(policy, "trace", 45.0, wait, hours, 0)


@pytest.mark.parametrize(
    ("wait", "hours", "dominates"),
    [
        (5.0, 10.0, True),  # half the wait at the same cost
        (5.1, 10.0, False),
        (5.0, 10.1, False),
        (10.0, 7.0, True),  # 70 % of the cost at the same wait
        (10.1, 7.0, False),
        (10.0, 7.1, False),
        (1.0, 1.0, True),
    ],
)
def test_to_dominate(wait: float, hours: float, dominates: bool) -> None:
    assert run(wait, hours).dominates(run(10.0, 10.0, "keda")) is dominates


def test_what_comes_after_two_dashes_goes_to_the_simulator(monkeypatch) -> None:
    monkeypatch.setattr(sys, "argv", ["frontier", "a.csv", "--", "--to", "1800"])
    args = frontier.options()
    assert args.traces == ["a.csv"]
    assert args.options == ["--warm-up", "1800", "--to", "1800"]
