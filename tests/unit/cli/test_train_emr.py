"""`classifycloud train --spark emr` as far as it goes without a cluster: refusals, and what one is to run."""

import shlex

import pytest
import typer
from moto import mock_aws
from typer.testing import CliRunner

from cli.main import app
from cli.train import train
from cli.train_emr import _script, _words

GIVEN = ["--data", "s3://pictures/set", "--model", "cnn1", "--spark", "emr", "--executors", "2"]
runner = CliRunner()


@pytest.fixture
def account(monkeypatch):
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "test")
    for name in ("AWS_ENDPOINT_URL", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    with mock_aws():
        yield


def test_without_a_deployment_it_says_what_to_do(account) -> None:
    done = runner.invoke(app, ["train", *GIVEN])
    assert done.exit_code == 1, done.output
    assert "classifycloud deploy up" in done.output


@pytest.mark.parametrize(
    ("word", "why"),
    [
        (["--data", "pictures"], "a cluster does not see this disk"),
        (["--out", "/elsewhere"], "a path within it"),
    ],
)
def test_what_a_cluster_cannot_see_is_refused(account, word, why) -> None:
    done = runner.invoke(app, ["train", *GIVEN, *word], terminal_width=200)
    assert done.exit_code == 2, done.output
    assert why in " ".join(done.output.split()), done.output


def test_the_cluster_is_given_what_was_said_here_in_a_file_too(tmp_path) -> None:
    flags = tmp_path / "flags.yaml"
    flags.write_text("epochs: 3\nskip-broken: true\nconf: [a=b]\nseed: 7\n")
    alone = typer.Typer()
    alone.command()(train)
    command = typer.main.get_command(alone)
    words = [*GIVEN, "--flags", str(flags), "--seed", "8", "--json"]
    with command.make_context("train", words) as context:
        said = _words(context)
        line = _script(said, tmp_path.relative_to("/"), 2, context.params["conf"])
    assert (
        " ".join(said) == "--data s3://pictures/set --model cnn1 --epochs 3 --seed 8 --skip-broken"
    )
    asked = shlex.split(line.partition("; exec ")[2])
    assert asked[:2] == ["classifycloud", "train"]
    assert asked[asked.index("--spark") + 1] == "yarn"
    assert asked[-2:] == ["--conf", "a=b"]
