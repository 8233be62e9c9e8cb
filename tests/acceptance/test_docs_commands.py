"""Every command of the README and the tutorials: run here as it stands, or by the test that the table names.

All run in one folder that looks like a clone of this repository, beside one running service, in the order
of the pages. Where a page shows what comes, it must come in that shape: other numbers, ids and times.
"""

import contextlib
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from local.samples import FOLDER
from tests.docs_pages import PAGES, ROOT, Command, File, commands, shape, steps
from tests.service import COMMAND, Origin, Service, free_port, service, wait_until

pytestmark = pytest.mark.acceptance

POLICY = "in_step.py"
# What is not run here, and who runs it: a file, and what must stand in it.
TRAINING = ("tests/integration/test_quickstart_training.py", "docs_pages.commands(PAGE)[:3]")
SHOWN = "tests/integration/deploy/test_deploy_commands.py"
DEPLOYED = "tests/integration/deploy/test_whole_service.py"
ELSEWHERE = {
    r"classifycloud train --data pictures .*": TRAINING,
    r"classifycloud models publish runs/shapes": TRAINING,
    r"classifycloud classify --model shapes picture\.png": TRAINING,
    r"classifycloud tune space\.yaml .*": ("tests/integration/test_tune.py", '"tune"'),
    r"classifycloud deploy up( .*)?": (DEPLOYED, 'deployed.document("up"'),
    r"classifycloud deploy smoke": (DEPLOYED, 'deployed.document("smoke"'),
    r"classifycloud deploy status": (DEPLOYED, 'deployed.document("status"'),
    r"classifycloud deploy down": (DEPLOYED, 'deployed.document("down"'),
    r"classifycloud deploy plan( .*)?": (SHOWN, 'deployed.document("plan"'),
    r"classifycloud deploy logs .*": (SHOWN, 'deployed.run("logs"'),
    r"make (check|test|install-dev)": (".ci/run", "make check\nmake test"),  # which need the last
}
# The service itself: the fixture `house` starts what these expand to. A command asks the one that was
# started last on its page.
DATA, NEW, TRIED = ".classifycloud", ".classifycloud/cold", ".classifycloud/policy"
PLAIN, COLD = "make run", f'make run ARGS="--min-workers 0 --data {NEW}"'
EMPTY = f'make run ARGS="--min-workers 0 --data {TRIED}"'
WATCHED, OWN = f"CLASSIFYCLOUD_SHADOW={POLICY} {EMPTY}", f"CLASSIFYCLOUD_POLICY={POLICY} {EMPTY}"
STARTS = {
    PLAIN: "up",
    COLD: f"up --min-workers 0 --data {NEW}",
    WATCHED: f"up --min-workers 0 --data {TRIED}",
    OWN: f"up --min-workers 0 --data {TRIED}",
}
FOLDERS = {PLAIN: DATA, COLD: NEW, WATCHED: TRIED, OWN: TRIED}
CHOSEN = {WATCHED: "shadow", OWN: "policy"}
# Their output is there a moment later; they may be asked again.
SOON = ("curl -s http://127.0.0.1:8000/jobs/", "classifycloud explain")
ALL = [each for page in PAGES for each in commands(page)]
LINKED = ("Makefile", "api", "classifier", "cli", "local", "pyproject.toml", "tests", "wire")
JPEG = {"Content-Type": "image/jpeg"}


def elsewhere(text: str) -> tuple[str, str] | None:
    """Who runs it, if not this module."""
    found = [where for pattern, where in ELSEWHERE.items() if re.fullmatch(pattern, text)]
    return found[0] if found else None


def asking() -> Iterator[tuple[Command, str]]:
    """The commands that are run here, each with what had been started before it."""
    for page in PAGES:
        started = PLAIN
        for each in commands(page):
            if each.text in STARTS:
                started = each.text
            elif not elsewhere(each.text):
                yield each, started


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What a clone has that the commands touch, with the files that the pages have one write."""
    folder = tmp_path_factory.mktemp("clone")
    for name in LINKED:
        (folder / name).symlink_to(ROOT / name)
    shutil.copytree(ROOT / "balancer", folder / "balancer")
    (folder / ".venv").symlink_to(COMMAND.parent.parent)
    (folder / "own").mkdir()
    (folder / "own" / "local").symlink_to(ROOT / "local")
    shutil.copy(FOLDER / "chelsea.jpg", folder / "photo.jpg")
    for step in (step for page in PAGES for step in steps(page)):
        if isinstance(step, File):
            (folder / step.name).write_text(step.text)
    return folder


@pytest.fixture(scope="module")
def origin() -> Iterator[Origin]:
    made = Origin(FOLDER)
    yield made
    made.close()


class House:
    """The services that the pages have one start, each when it is first asked for."""

    def __init__(self, place: Path, origin: Origin) -> None:
        self.place, self.origin = place, origin
        self.photo_port = free_port()
        self._opened = contextlib.ExitStack()
        self._running: dict[str, Service] = {}

    def up(self, started: str) -> Service:
        """The one that answers after this command: with no worker at first, and one awaited."""
        if started not in self._running:
            self._running[started] = self._opened.enter_context(self._made(started))
        return self._running[started]

    def home(self, started: str) -> Path:
        """The folder that it is asked from: two policies keep their data in one of the same name."""
        return self.place / "own" if started == OWN else self.place

    @contextlib.contextmanager
    def _made(self, started: str) -> Iterator[Service]:
        settings = {"fetch_allow": f"{self.origin.host},127.0.0.1:{self.photo_port}"}
        if started in CHOSEN:
            settings[CHOSEN[started]] = str(self.place / POLICY)
        data = self.home(started) / FOLDERS[started]
        data.parent.mkdir(exist_ok=True)
        with service(data, "--min-workers", "0", **settings) as up:
            up.wait_ready(seconds=120)
            photo = (FOLDER / "coffee.jpg").read_bytes()
            first = httpx.post(f"{up.url}/classify", content=photo, headers=JPEG, timeout=120)
            assert first.status_code == 200, first.text
            yield up

    def close(self) -> None:
        self._opened.close()


@pytest.fixture(scope="module")
def house(place: Path, origin: Origin) -> Iterator[House]:
    made = House(place, origin)
    with contextlib.closing(made):
        yield made


def ran(text: str, home: Path, place: Path, url: str) -> str:
    """What the command prints, called as a reader of the page calls it."""
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", text],
        cwd=home,
        env={
            **os.environ,
            "PATH": f"{place / '.venv' / 'bin'}:{os.environ['PATH']}",
            "PYTHONPATH": str(place),
            "CLASSIFYCLOUD_URL": url,
            "COLUMNS": "200",
            "ARGS": "",  # of the make that runs the tests
        },
        capture_output=True,
        text=True,
        timeout=180,
    )
    assert done.returncode == 0, f"{text}\n{done.stdout}\n{done.stderr}"
    return plain(done.stdout, place)


def plain(printed: str, place: Path) -> str:
    """With paths as they are in a clone."""
    return printed.replace(f"{ROOT}/", "").replace(f"{place}/", "")


def here(text: str, url: str, house: House) -> str:
    """The command with the addresses of this service, these pictures and a port that is free."""
    text = text.replace("http://127.0.0.1:8000", url)
    text = text.replace("https://example.com/cat.jpg", house.origin.url("chelsea.jpg"))
    load = "classifycloud loadtest"
    return text.replace(load, f"{load} --photo-port {house.photo_port}")


@pytest.mark.parametrize(("command", "started"), asking(), ids=str)
def test_it_does_what_the_page_says(
    command: Command, started: str, house: House, place: Path
) -> None:
    running = house.up(started)
    text = here(command.text, running.url, house)
    home = house.home(started) if text.startswith("classifycloud ") else place
    if command.shown is None:
        ran(text, home, place, running.url)
        return
    wanted, printed = shape(command.shown.strip()), ""

    def as_shown() -> bool:
        nonlocal printed
        printed = ran(text, home, place, running.url)
        return wanted.search(printed) is not None

    if command.text.startswith(SOON):
        with contextlib.suppress(AssertionError):
            wait_until(as_shown, 60, "")
    assert as_shown(), f"{command}: printed\n{printed}\nnot\n{command.shown}"


@pytest.mark.parametrize("text", STARTS)
def test_what_starts_the_service_is_what_the_fixtures_start(text: str, place: Path) -> None:
    assert text in {each.text for each in ALL}, "no page has it any more"
    made = ran(
        text.replace("make run", "make --no-print-directory -n -o install run"), place, place, ""
    )
    assert made.split() == [".venv/bin/classifycloud", *STARTS[text].split()]


@pytest.mark.parametrize(
    "command", [each for each in ALL if each.text in STARTS and each.shown], ids=str
)
def test_the_service_starts_as_the_page_shows(command: Command, house: House, place: Path) -> None:
    said = plain(house.up(command.text).printed(), place)
    lines = [line for line in (command.shown or "").splitlines() if line.strip()]
    assert [line for line in lines if not shape(line).search(said)] == []


def test_every_command_is_accounted_for() -> None:
    """Whoever is named in the table has it, and nothing is in the table for nothing."""
    for where, needle in ELSEWHERE.values():
        assert needle in (ROOT / where).read_text(encoding="utf-8"), where
    unused = [
        pattern
        for pattern in ELSEWHERE
        if not any(re.fullmatch(pattern, each.text) for each in ALL)
    ]
    assert unused == []


def test_the_tutorial_trains_with_the_commands_that_are_run() -> None:
    run = [each.text for each in commands(ROOT / "docs" / "quickstart-training.md")[:3]]
    told = [each.text for each in commands(ROOT / "docs" / "tutorials" / "train-and-serve.md")]
    assert [text for text in told if elsewhere(text) == TRAINING] == run
