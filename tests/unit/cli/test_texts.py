"""What the command prints, and how it refuses."""

import pytest
from typer.testing import CliRunner

from cli.address import is_loopback
from cli.classify import is_url, shown
from cli.main import app
from cli.models import table

runner = CliRunner()


def test_labels_are_shown_with_their_confidence() -> None:
    answer = {
        "result": "tabby",
        "labels": [
            {"name": "tabby", "classId": "n1", "confidence": 0.7134},
            {"name": "Egyptian cat", "classId": "n2", "confidence": 0.09},
        ],
    }
    assert shown("cat.jpg", answer) == "cat.jpg: tabby\n   71.3 %  tabby\n    9.0 %  Egyptian cat"


@pytest.mark.parametrize(
    ("picture", "url"),
    [("https://h/a.jpg", True), ("a.jpg", False), ("./http:/a.jpg", False), ("ftp://h/a", True)],
)
def test_what_has_a_scheme_is_fetched_by_the_service(picture: str, url: bool) -> None:
    assert is_url(picture) is url


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


@pytest.mark.parametrize(
    ("host", "here"),
    [
        ("127.0.0.1", True),
        ("127.8.8.8", True),
        ("::1", True),
        ("localhost", True),
        ("10.0.0.1", False),
        ("localhost.example", False),
    ],
)
def test_this_machine_is_told_from_others(host: str, here: bool) -> None:
    assert is_loopback(host) is here


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
