"""What can be said of the deployment and the image without an AWS account, rung by rung; `make ladder`.

A rung whose tool is not on this machine is skipped and says so; `--strict` takes that for a failure.
"""

import argparse
import atexit
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent
TEMPLATES, UNITS = ROOT / "deploy/templates", ROOT / "ami/units"
CHECKOV = ROOT / ".venv-checkov/bin/checkov"  # it pins a boto3 of its own
EXPOSURE = 30  # tenths; `systemd-analyze security` says 0 (best) to 100
PYTHON = "ExecStart=/opt/classifycloud/venv/bin/python"


class Skipped(Exception):
    """Why a rung cannot be climbed here."""


class Fallen(Exception):
    """What was found."""


@dataclass(frozen=True)
class Rung:
    """One step; `quick` ones take seconds."""

    name: str
    climb: Callable[[], None]
    quick: bool = True


def main() -> int:
    """0 where no rung failed."""
    options = _parser().parse_args()
    chosen = [r for r in RUNGS if not options.only or r.name in options.only]
    told = [told_of(r) for r in chosen if r.quick or not options.quick]
    bad = {"failed", "skipped"} if options.strict else {"failed"}
    return int(any(each in bad for each in told))


def told_of(rung: Rung) -> str:
    """Climb it and print a line; how that went."""
    began, why, how = time.monotonic(), "", "ok"
    try:
        rung.climb()
    except Skipped as reason:
        how, why = "skipped", str(reason)
    except Fallen as found:
        how, why = "failed", str(found)
    seconds = time.monotonic() - began
    print(f"{how:8} {rung.name:24} {seconds:6.1f} s  {why}".rstrip(), flush=True)
    return how


def tool(name: str) -> str:
    """Where it is, beside this Python first; raises Skipped."""
    found = shutil.which(str(BIN / name)) or shutil.which(name)
    if found is None:
        raise Skipped(f"there is no {name} on this machine")
    return found


def run(*command: str, silent: bool = False, **variables: str) -> str:
    """Its stdout. Raises Fallen with what it said; with `silent`, also where it says anything at all."""
    process = subprocess.run(
        command, cwd=ROOT, env={**os.environ, **variables}, capture_output=True, text=True
    )
    said = (process.stdout + process.stderr).strip()
    if process.returncode or (silent and said):
        raise Fallen(f"{' '.join(command[:3])} ended with {process.returncode}:\n{said[-6000:]}")
    return process.stdout


def lint() -> None:
    run(tool("cfn-lint"), *(str(path) for path in sorted(TEMPLATES.glob("*.yaml"))))


def checkov() -> None:
    """Every check, or a reason beside the resource why not."""
    command = str(CHECKOV) if CHECKOV.exists() else shutil.which("checkov")
    if command is None:
        raise Skipped("there is no checkov on this machine: `make checkov`")
    given = ("--framework", "cloudformation", "--compact", "--quiet", "--skip-download")
    run(command, "-d", str(TEMPLATES), *given)


def pytest(*names: str) -> Callable[[], None]:
    """Tests that are a rung by themselves."""

    def climb() -> None:
        run(sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *names)

    return climb


def shellcheck() -> None:
    listed = subprocess.run(
        ["git", "grep", "-lE", r"^#!(/usr)?/bin/(env )?(ba|da)?sh"],
        cwd=ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    run(tool("shellcheck"), *listed.stdout.split())


def packer() -> None:
    """What this Packer knows: before 1.7 the builder is inside and `required_plugins` unknown."""
    run(tool("packer"), "validate", "ami/worker.pkr.hcl")


@contextmanager
def units() -> Iterator[list[str]]:
    """Copies of the units that start a Python that is here."""
    with tempfile.TemporaryDirectory() as folder:
        for path in sorted(UNITS.glob("*.service")):
            text = path.read_text().replace(PYTHON, f"ExecStart={os.path.realpath(sys.executable)}")
            Path(folder, path.name).write_text(text)
        yield [str(path) for path in sorted(Path(folder).iterdir())]


def verify() -> None:
    """No word of systemd's about any unit."""
    with units() as paths:
        run(tool("systemd-analyze"), "verify", "--man=no", *paths, silent=True)


def security() -> None:
    """What each process is kept from."""
    with units() as paths:
        limit = f"--threshold={EXPOSURE}"
        for path in paths:
            run(tool("systemd-analyze"), "security", "--offline=true", limit, "--no-pager", path)


@cache
def made() -> Path:
    """A folder with the image that provision.sh makes for real; it goes when the ladder ends."""
    tool("debootstrap")
    if os.geteuid():
        raise Skipped("only root may make and enter a root folder")
    kept = Path(os.environ.get("LADDER_KEPT", ROOT / ".classifycloud/ladder"))
    kept.mkdir(parents=True, exist_ok=True)
    wheels, folder = _wheels(kept), kept / f"image-{os.getpid()}"
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    # Its output is the only sign of life for minutes.
    process = subprocess.run(
        ["bash", "ami/rehearsal/chroot.sh", str(folder)],
        cwd=ROOT, env={**os.environ, "KEPT": str(kept / "debian.tar"), "WHEELS": str(wheels)},
    )  # fmt: skip
    if process.returncode:
        raise Fallen(f"provision.sh ended with {process.returncode}")
    return folder


def image() -> None:
    """provision.sh, then systemd's word on the units where they lie in the image."""
    root = made()
    names = sorted(path.name for path in UNITS.glob("*.service"))
    run(tool("systemd-analyze"), "verify", f"--root={root}", "--man=no", *names, silent=True)


def rehearsal(name: str) -> Callable[[], None]:
    """The image at work."""

    def climb() -> None:
        if name == "machine":
            tool("qemu-system-x86_64")
        command = (sys.executable, "-P", "-m", f"ami.rehearsal.{name}", str(made()))
        print(run(*command, PYTHONPATH=str(ROOT)), end="")

    return climb


def _wheels(kept: Path) -> Path:
    """The locked wheels for the image's Python, 3.11; got with whatever pip is set to here."""
    locked, folder = ROOT / "requirements/serve.txt", kept / "wheels"
    python = shutil.which("python3.11")
    if python is None:
        raise Skipped("there is no python3.11, which the image has, to get wheels with")
    run(
        python, "-m", "pip", "download", "-q", "--require-hashes", "--no-deps",
        "--only-binary", ":all:", "-r", str(locked), "-d", str(folder),
    )  # fmt: skip
    return folder


RUNGS = (
    Rung("cfn-lint", lint),
    Rung("checkov", checkov, quick=False),
    Rung("create_stack", pytest("tests/integration/deploy"), quick=False),
    Rung("shellcheck", shellcheck),
    Rung("packer validate", packer),
    Rung("systemd-analyze verify", verify),
    Rung("systemd-analyze security", security),
    Rung("provision.sh", image, quick=False),
    Rung("a worker answers", rehearsal("answer"), quick=False),
    Rung("a machine boots", rehearsal("machine"), quick=False),
)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="only what takes seconds")
    parser.add_argument("--strict", action="store_true", help="a missing tool is a failure")
    names = [rung.name for rung in RUNGS]
    parser.add_argument("--only", action="append", choices=names, help="this rung; repeatable")
    return parser


if __name__ == "__main__":
    sys.exit(main())
