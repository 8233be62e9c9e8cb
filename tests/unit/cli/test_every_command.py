"""One style over all commands: whatever is added is held to it."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
import typer
from typer.core import TyperOption
from typer.testing import CliRunner

from cli import exits
from cli.main import app
from cli.remedies import REMEDIES, remedy
from wire.errors import BY_CODE

ROOT = Path(__file__).resolve().parents[3]


def walked(name, command):
    yield name, command
    for each, found in getattr(command, "commands", {}).items():
        yield from walked(f"{name} {each}".strip(), found)


COMMANDS = dict(walked("", typer.main.get_command(app)))
OPTIONS = [
    (name, each)
    for name, command in COMMANDS.items()
    for each in command.params
    if isinstance(each, TyperOption) and not each.hidden
]
# The same everywhere: what it is called, and of what type it is.
ALIKE = {"--url", "--key", "--data", "--json", "--timeout", "--model-version"}
# Where --data are pictures to learn from or to measure on, as in every tool of that kind.
PICTURES = {"finetune", "models evaluate", "models export", "train", "tune"}
# Groups do nothing by themselves, and `up` runs until it is stopped.
NO_JSON = {"up"} | {
    name
    for name, each in COMMANDS.items()
    if getattr(each, "commands", None) and not each.invoke_without_command
}


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_says_what_it_does(name):
    assert (COMMANDS[name].help or "").strip()
    shown = CliRunner().invoke(app, [*name.split(), "--help"])
    assert shown.exit_code == 0
    assert "Usage: " in shown.output


@pytest.mark.parametrize("name", COMMANDS)
def test_everything_that_can_be_given_is_explained(name):
    silent = [
        each.name for each in COMMANDS[name].params if not (getattr(each, "help", "") or "").strip()
    ]
    assert silent == []
    unlike = [
        each.name for each in COMMANDS[name].params if not each.help.strip().endswith((".", ")"))
    ]
    assert [
        each for each in unlike if each not in ("install_completion", "show_completion", "help")
    ] == []


@pytest.mark.parametrize("option", sorted(ALIKE))
def test_what_is_called_alike_is_alike(option):
    found = {
        (str(each.type_descriptor.annotation), each.is_flag, tuple(each.opts))
        for name, each in OPTIONS
        if option in each.opts and not (option == "--data" and name in PICTURES)
    }
    assert len(found) == 1, found


def test_whoever_asks_a_service_takes_its_address_and_a_key():
    asking = {name for name, each in OPTIONS if "--url" in each.opts}
    assert {"classify", "features", "models", "models list", "loadtest"} <= asking
    # Whether it is ready is told to whoever asks.
    ready = {"deploy status"}
    assert asking - ready == {name for name, each in OPTIONS if "--key" in each.opts}


def test_all_that_tells_something_tells_it_to_programs_too():
    assert COMMANDS.keys() - {name for name, each in OPTIONS if "--json" in each.opts} == NO_JSON


def test_options_are_whole_words():
    odd = [
        (name, opt)
        for name, each in OPTIONS
        for opt in each.opts
        if not re.fullmatch(r"-[a-z]|--[a-z][a-z0-9]*(-[a-z0-9]+)*", opt)
    ]
    assert odd == []


def test_the_page_of_commands_is_what_help_says():
    subprocess.run([sys.executable, ".ci/cli_reference.py"], cwd=ROOT, check=True)


def test_exit_codes_are_the_pages():
    rows = re.findall(r"^\| (\d+) \| ([^|]+) \|", (ROOT / "docs/cli.md").read_text("utf-8"), re.M)
    assert {int(code): said.strip() for code, said in rows} == exits.BRIEFLY


# Their own messages say what to do.
SAID = {
    "unsupported_scheme",
    "credentials_in_url",
    "invalid_parameter",
    "invalid_request",
    "layer_not_found",
    "decoder_crashed",
    "headers_too_large",
    "request_timeout",
}


def test_an_error_says_what_to_do():
    told = {code for code in BY_CODE if remedy(code, "j1")}
    assert told | SAID >= set(BY_CODE)
    assert set(REMEDIES) - {"unreachable", "interrupted", "out_of_time", "not_understood"} <= set(
        BY_CODE
    )


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_shells_complete_commands(shell):
    env = {
        "_CLASSIFYCLOUD_COMPLETE": f"complete_{shell}",
        "COMP_WORDS": "classifycloud cl",
        "COMP_CWORD": "1",
        "_TYPER_COMPLETE_ARGS": "classifycloud cl",
        "_TYPER_COMPLETE_FISH_ACTION": "get-args",
    }
    done = CliRunner(env=env).invoke(app, [], prog_name="classifycloud")
    assert "classify" in done.output


def test_help_costs_no_more_than_the_command_line_itself():
    code = "import sys, cli.main; print(*sys.modules, sep='\\n')"
    run = subprocess.run(
        [sys.executable, "-P", "-c", code], cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True
    )
    late = {
        "asyncio",
        "httpx",
        "pydantic",
        "boto3",
        "botocore",
        "numpy",
        "fastapi",
        "yaml",
        "keras",
    }
    assert set(run.stdout.split()) & late == set()
