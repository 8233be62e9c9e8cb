"""The week's bound is checked, not only told."""

from typer import Typer
from typer.testing import CliRunner

from bench.scaling.week import main

app = Typer()
app.command()(main)


def test_more_than_the_bound_is_a_failure() -> None:
    short = ["--days", "0.01", "--rate", "2"]
    assert CliRunner().invoke(app, [*short, "--bound", "60"]).exit_code == 0
    slow = CliRunner().invoke(app, [*short, "--bound", "0.001"])
    assert slow.exit_code == 1
    assert "s of one core are more than 0.001 s" in slow.stderr
    assert "pictures in 0.01 days" in slow.stdout
