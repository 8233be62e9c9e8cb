"""`--json` of every command: stdout parses, whatever stderr says."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from classifier.catalog import BUNDLED
from classifycloud.client import Client
from cli.main import app
from local.samples import FOLDER
from tests.service import Origin, Service

BUNDLE = BUNDLED / "tiny-inception" / "1"
CAT = FOLDER / "chelsea.jpg"
# Their JSON is tested where they run: they take a network from the internet, minutes, a GPU, or an account
# of AWS.
ELSEWHERE = {
    "models fetch",
    "models import",
    "models export",
    "models evaluate",
    "finetune",
    "train",
    "tune",
    "report",
    "classify-spark",
    *(f"deploy {each}" for each in ("plan", "up", "status", "logs", "smoke", "down")),
    *(f"remote {each}" for each in ("run", "list", "attach", "stop")),
}


class Place:
    """What the commands below ask."""

    def __init__(self, running: Service, origin: Origin, folder: Path) -> None:
        self.url = ["--url", running.url]
        self.data = ["--data", str(running.data)]
        self.origin = origin
        self.folder = folder

    def job(self) -> str:
        """The id of a picture that was answered."""
        with Client(self.url[1]) as cloud:
            return cloud.classify(CAT).uuid

    def bundle(self) -> str:
        """The bundled model as another version."""
        copy = self.folder / "bundle"
        shutil.copytree(BUNDLE, copy)
        about = json.loads((copy / "manifest.json").read_text())
        (copy / "manifest.json").write_text(json.dumps(about | {"version": "2"}))
        return str(copy)


Arguments = Callable[[Place], list[str]]
# In this order: what is made by one is looked at by another.
ASKED: dict[str, Arguments] = {
    "cost": lambda place: ["--pictures", "1M"],
    "classify": lambda at: [
        *at.url,
        str(CAT),
        str(at.folder / "none.jpg"),
        at.origin.url(CAT.name),
    ],
    "bulk": lambda at: [*at.url, "--wait", _urls(at)],
    "features": lambda at: [*at.url, "--layer", "concatenate_8", str(CAT)],
    "loadtest": lambda at: [*at.url, "-n", "2", "--urls", _urls(at)],
    "models": lambda at: at.url,
    "models list": lambda at: at.url,
    "models show": lambda at: [str(BUNDLE)],
    "models verify": lambda at: [str(BUNDLE)],
    "models publish": lambda at: [*at.data, at.bundle()],
    "models promote": lambda at: [*at.data, "tiny-inception", "1"],
    "models rollback": lambda at: [*at.data, "tiny-inception"],
    "keys add": lambda at: [*at.data, "shop"],
    "keys list": lambda at: at.data,
    "keys revoke": lambda at: [*at.data, "shop"],
    "webhooks secret": lambda at: [*at.data, "shop"],
    "webhooks rotate": lambda at: [*at.data, "shop"],
    "webhooks remove": lambda at: [*at.data, "shop"],
    "dlq list": lambda at: at.data,
    "dlq show": lambda at: [*at.data, "none"],
    "dlq redrive": lambda at: [*at.data, "--all", "--dry-run"],
    "dlq purge": lambda at: [*at.data, "--all", "--yes"],
    "scale": lambda at: at.data,
    "explain": lambda at: [*at.data, "--last", "1h"],
    "trace-job": lambda at: [*at.data, at.job()],
    "trace": lambda at: [*at.data, str(at.folder / "trace.csv")],
    "simulate": lambda at: ["--duration", "60"],
}
FAILS = {"classify", "dlq show"}


def _urls(at: Place) -> str:
    path = at.folder / "urls.txt"
    path.write_text(at.origin.url(CAT.name))
    return str(path)


@pytest.fixture(scope="module")
def place(running: Service, origin: Origin, tmp_path_factory: pytest.TempPathFactory) -> Place:
    return Place(running, origin, tmp_path_factory.mktemp("json"))


@pytest.mark.parametrize("name", ASKED)
def test_what_is_on_stdout_is_json(name: str, place: Place) -> None:
    done = CliRunner().invoke(app, [*name.split(), *ASKED[name](place), "--json"])
    assert done.exit_code == (1 if name in FAILS else 0), done.output
    found = [json.loads(line) for line in done.stdout.splitlines()]
    assert bool(found) == (name != "dlq show")
    if name == "classify":
        assert [sorted({"result", "error"} & each.keys()) for each in found] == [
            ["result"],
            ["error"],
            ["result"],
        ]


def test_none_is_left_out() -> None:
    def walked(name: str, command: Any) -> set[str]:
        here = {name} if any("--json" in each.opts for each in command.params) else set()
        below = getattr(command, "commands", {}).items()
        return here.union(*(walked(f"{name} {each}".strip(), found) for each, found in below))

    assert walked("", typer.main.get_command(app)) - ELSEWHERE == ASKED.keys()


def test_shells_complete_models_by_what_the_service_has(running: Service) -> None:
    typed = f"classifycloud classify --url {running.url} --model tiny"
    env = {"_CLASSIFYCLOUD_COMPLETE": "complete_zsh", "_TYPER_COMPLETE_ARGS": typed}
    done = CliRunner(env=env).invoke(app, [], prog_name="classifycloud")
    assert "tiny-inception" in done.output
