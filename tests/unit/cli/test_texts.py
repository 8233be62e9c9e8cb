"""What the command prints, and how it refuses."""

import pytest
from typer.testing import CliRunner

from classifycloud.client import Classification
from cli.classify import shown
from cli.main import app
from cli.models import table

runner = CliRunner()


def test_labels_are_shown_with_their_confidence() -> None:
    answer = Classification.model_validate(
        {
            "uuid": "u",
            "imageUrl": "",
            "model": "m",
            "modelVersion": "1",
            "result": "tabby",
            "labels": [
                {"name": "tabby", "classId": "n1", "confidence": 0.7134},
                {"name": "Egyptian cat", "classId": "n2", "confidence": 0.09},
            ],
        }
    )
    assert shown("cat.jpg", answer) == "cat.jpg: tabby\n   71.3 %  tabby\n    9.0 %  Egyptian cat"


def test_models_stand_in_columns_with_a_star_at_the_default() -> None:
    rows = [
        {"name": "tiny-inception", "version": "1", "classes": 200, "default": True},
        {"name": "b", "version": "12", "classes": 1000, "default": False},
    ]
    lines = table(rows).splitlines()
    assert lines[0].split() == [
        "name", "version", "architecture", "inputSize", "classes", "precision",
    ]  # fmt: skip
    assert lines[1].startswith("* tiny-inception  1 ")
    assert lines[2].startswith("  b               12")


def test_help_names_every_command_and_the_exit_codes() -> None:
    text = runner.invoke(app, ["--help"]).output
    for word in ("up", "classify", "models", "loadtest", "Exit codes"):
        assert word in text


def test_the_version_is_told() -> None:
    result = runner.invoke(app, ["--version"])
    assert result.exit_code == 0
    assert result.output.startswith("classifycloud ")


@pytest.mark.parametrize(
    "arguments",
    [
        ["classify"],
        ["up", "--port", "70000"],
        ["up", "--max-workers", "0"],
        ["loadtest", "-n", "0"],
        ["loadtest", "--photos", "/no/such/folder"],
        ["nonsense"],
        ["classify", "--url", "http://127.0.0.1:abc", "a.jpg"],
        ["models", "--url", "http://127.0.0.1:abc"],
        ["loadtest", "--url", "http://127.0.0.1:abc"],
        ["models", "--url", "127.0.0.1:8000"],
        ["models", "--url", "localhost:8000"],
        ["models", "--url", "http://"],
    ],
)
def test_wrong_use_exits_with_two(arguments: list[str]) -> None:
    assert runner.invoke(app, arguments).exit_code == 2


def test_an_address_that_is_none_is_named_with_an_example() -> None:
    result = runner.invoke(app, ["models", "--url", "http://127.0.0.1:abc"])
    words = " ".join(result.stderr.replace("│", " ").split())
    assert "Invalid value for '--url': 'http://127.0.0.1:abc': Invalid port: 'abc'." in words
    assert "http://127.0.0.1:8000" in words


def test_a_bad_setting_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CLASSIFYCLOUD_TICK", "soon")
    result = runner.invoke(app, ["up"])
    assert result.exit_code == 2
    assert "CLASSIFYCLOUD_TICK='soon'" in result.stderr


def test_up_refuses_what_contradicts_itself() -> None:
    result = runner.invoke(app, ["up", "--min-workers", "4"])
    assert result.exit_code == 1
    assert "--max-workers 4" in result.stderr


@pytest.mark.parametrize("setting", ["POLICY=nosuch", "SHADOW=nosuch", "FLEET=ec2", "FLEET=nosuch"])
def test_up_starts_nothing_with_a_setting_that_cannot_be_used(
    monkeypatch, tmp_path, setting
) -> None:
    name, _, value = setting.partition("=")
    monkeypatch.setenv(f"CLASSIFYCLOUD_{name}", value)
    done = runner.invoke(app, ["up", "--data", str(tmp_path / "data")])
    assert done.exit_code == 2
    assert f"CLASSIFYCLOUD_{name}=" in done.stderr
    assert not (tmp_path / "data").exists()


def test_a_learning_rate_of_nothing_is_refused() -> None:
    done = runner.invoke(app, ["train", "--recipe", "smoke", "--rate", "0", "--out", "run"])
    assert done.exit_code == 2
    assert "--rate" in done.output
