"""`--flags FILE.yaml`: as if the file's lines stood on the command line, before what does stand there."""

from pathlib import Path
from typing import Annotated, Literal

import pytest
import typer
from typer.testing import CliRunner

from cli.flags_file import FlagsFile

app = typer.Typer()


@app.command()
def teach(
    data: Annotated[Path, typer.Option()],
    flags: FlagsFile = None,
    epochs: Annotated[int, typer.Option("--epochs", "-e", min=1)] = 5,
    rate: float = 0.1,
    model: Annotated[Literal["dense", "cnn1"], typer.Option()] = "dense",
    early_stop: Annotated[bool, typer.Option()] = True,
    augment: Annotated[list[str] | None, typer.Option()] = None,
) -> None:
    typer.echo(f"{data} {epochs} {rate!r} {model} {early_stop} {augment}")


@pytest.fixture
def said(tmp_path):
    def run(text: str, *arguments: str):
        file = tmp_path / "flags.yaml"
        file.write_text(text, encoding="utf-8")
        return CliRunner().invoke(app, ["--flags", str(file), *arguments])

    return run


def test_every_kind_of_option_comes_out_of_the_file_with_its_type(said):
    done = said(
        "data: pictures\nepochs: 20\nrate: 1e-3\nmodel: cnn1\nearly-stop: false\n"
        "augment: [flip, shift]\n"
    )
    assert done.exit_code == 0, done.output
    assert done.stdout == "pictures 20 0.001 cnn1 False ['flip', 'shift']\n"


def test_the_command_line_wins_wherever_it_stands(said):
    text = "data: pictures\nepochs: 20\nearly-stop: false\naugment: flip\n"
    done = said(text, "-e", "3", "--early-stop", "--augment", "mixup", "--data", "others")
    assert done.stdout == "others 3 0.1 dense True ['mixup']\n"


def test_an_empty_file_says_nothing(said):
    assert said("# nothing yet\n", "--data", "x").stdout == "x 5 0.1 dense True None\n"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("epoch: 3\n", "line 1: no option --epoch; did you mean epochs"),
        ("data: x\n\nzzz: 3\n", "line 3: no option --zzz; there are augment, data, early-stop"),
        ("flags: other.yaml\n", "no option --flags"),
        ("early_stop: true\n", "did you mean early-stop"),
        ("epochs: many\n", "line 1: --epochs:"),
        ("epochs: true\n", "line 1: --epochs:"),
        ("epochs: 0\n", "line 1: --epochs:"),
        ("model: cnn3\n", "line 1: --model:"),
        ("early-stop: perhaps\n", "line 1: --early-stop:"),
        ("epochs: [1, 2]\n", "line 1: --epochs takes one value"),
        ("epochs:\n", "line 1: epochs needs a value"),
        ("epochs: {at: 3}\n", "line 1: epochs needs a value"),
        ("epochs: 3\nrate: 1\nepochs: 4\n", "line 3: epochs stands on line 1 already"),
        ("- epochs\n", "line 1: a file of flags has lines"),
        ("epochs: [1\n", "flow sequence"),
    ],
)
def test_what_no_command_line_could_say_is_refused_by_its_line(said, text, reason):
    refused = said(text, "--data", "x")
    assert refused.exit_code == 2
    words = " ".join(refused.output.replace("│", " ").split())
    assert reason in words


def test_a_file_that_is_not_there_is_named():
    refused = CliRunner().invoke(app, ["--flags", "none.yaml", "--data", "x"])
    assert refused.exit_code == 2
    assert "none.yaml" in refused.output


@pytest.mark.parametrize("command", ["train", "tune", "finetune"])
def test_all_that_trains_takes_such_a_file(command, tmp_path):
    from cli.main import app as whole

    file = tmp_path / "flags.yaml"
    file.write_text("seed: 1\nepoch: 3\n")
    refused = CliRunner().invoke(whole, [command, "--flags", str(file)])
    assert refused.exit_code == 2
    words = " ".join(refused.output.replace("│", " ").split())
    assert "line 2: no option --epoch; did you mean epochs" in words
