"""The frontier asks the real command."""

import argparse

from bench.scaling import frontier


def test_every_boot_time_is_simulated() -> None:
    args = argparse.Namespace(traces=["steady"], options=["--duration", "120"])
    found = frontier.simulated(["wait-time"], args, "--rate", "2")
    assert [(each.trace, each.boot) for each in found] == [
        ("steady", 45.0),
        ("steady", 10.0),
        ("steady", 1.0),
    ]
    assert frontier.row("x", map(str, found)).startswith("| x | ")
