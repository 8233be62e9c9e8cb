"""`python -m bench.peers`: our service beside other ways to serve the same model, on the same cores.

Makes a virtual environment for each peer once. Then, in rounds, launches each, asks it 40 pictures from
the launch on, launches it again and loads it at each concurrency. A table goes to stdout, progress to stderr.
"""

import asyncio
import json
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated, Any

import typer
import uvloop

from bench.peers import circumstances, picture, summary
from bench.peers.contenders import ENGINES, OURS, PEERS, Contender, chosen
from bench.peers.environments import NotInstalled, ensure
from bench.peers.rounds import Found, Plan, measure, to_stderr
from bench.peers.running import ROOT, Place
from classifier.extras import remedy

HOME = ROOT / ".classifycloud"
CATALOG = HOME / "bench"
ALL, BOTH = ",".join([OURS, *PEERS]), ",".join(ENGINES)
INCEPTION = Path("inception-v3-int8") / "1"


def stand_in() -> Path:
    """The default bundle: InceptionV3 with random weights, made by the training room where it is missing."""
    folder = CATALOG / INCEPTION
    if not (folder / "manifest.json").exists():
        to_stderr("making InceptionV3 with random weights: half a minute, once")
        command = [sys.executable, "-m", "training", "stand-in", "--out", str(CATALOG)]
        if subprocess.run(command, cwd=ROOT, stdout=sys.stderr).returncode:
            raise typer.BadParameter("the network could not be made: run `make install-dev` first")
    return folder


def install(contenders: list[Contender], under: Path) -> dict[Contender, str]:
    """Make the environments; whoever has none, with the reason."""
    missing: dict[str, str] = {}
    for name in dict.fromkeys(
        PEERS[each.peer].environment for each in contenders if each.peer in PEERS
    ):
        to_stderr(f"environment of {name}")
        try:
            ensure(name, under)
        except (NotInstalled, OSError) as why:
            missing[name] = f"could not be installed: {why}"
            to_stderr(f"  {missing[name]}")
    return {
        each: missing[PEERS[each.peer].environment]
        for each in contenders
        if each.peer in PEERS and PEERS[each.peer].environment in missing
    }


def main(
    peers: Annotated[str, typer.Option(help=f"of {', '.join([OURS, *PEERS])}")] = ALL,
    engines: Annotated[str, typer.Option(help="names, with commas")] = BOTH,
    concurrency: Annotated[str, typer.Option(help="clients at once, with commas")] = "1,8,40",
    rounds: Annotated[int, typer.Option(min=1, help="turns of each contender")] = 3,
    seconds: Annotated[float, typer.Option(min=0.5, help="of each window")] = 5.0,
    minutes: Annotated[
        float, typer.Option(min=1, help="no round begins that would end later")
    ] = 30.0,
    quick: Annotated[bool, typer.Option("--quick", help="one round of 2 s windows")] = False,
    bundle: Annotated[
        Path | None,
        typer.Option(help="folder with model.xml and model.keras; InceptionV3 if unset"),
    ] = None,
    photos: Annotated[Path | None, typer.Option(help="folder of JPEGs; made ones if unset")] = None,
    out: Annotated[Path | None, typer.Option(help="write all figures here, as JSON")] = None,
    image: Annotated[Path | None, typer.Option(help="draw them here, .svg or .png")] = None,
) -> None:
    """Our service beside its peers: pictures a second, latency, CPU, cold start, memory."""
    try:
        contenders = chosen(peers.split(","), engines.split(","))
        clients = sorted({int(each) for each in concurrency.split(",")})
        refuse(clients, bundle, out, image)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from None
    used = (bundle or stand_in()).resolve()
    found = Found()
    found.beaten.update(install(contenders, HOME / "peers"))
    plan = Plan(contenders, clients, 1 if quick else rounds, 2.0 if quick else seconds, minutes)
    place = Place.under(HOME / "peers", used)
    stopped = not _ran(plan, place, photos, found)
    _tell(found, plan, out, image)
    if stopped or not found.turns:
        raise typer.Exit(130 if stopped else 1)


def refuse(clients: list[int], bundle: Path | None, out: Path | None, image: Path | None) -> None:
    """Find out before half an hour of measuring what would fail after it.

    Raises:
        ValueError: the text names what is wrong.
    """
    if clients[0] < 1:
        raise ValueError(f"concurrency {clients[0]}: at least 1")
    for name in ("manifest.json", "model.xml", "model.keras"):
        if bundle is not None and not (bundle / name).exists():
            raise ValueError(
                f"{bundle} has no {name}: leave --bundle out, or name a bundle's folder"
            )
    for target in (out, image):
        if target is not None and not target.absolute().parent.is_dir():
            raise ValueError(f"{target}: make the folder first")
    if image is not None and image.suffix not in (".svg", ".png"):
        raise ValueError(f"{image}: .svg or .png")
    if image is not None and find_spec("matplotlib") is None:
        raise ValueError(f"--image needs matplotlib: {remedy('plots')}")


def _ran(plan: Plan, place: Place, photos: Path | None, found: Found) -> bool:
    try:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(measure(plan, place, photos, found, to_stderr))
    except (KeyboardInterrupt, asyncio.CancelledError):
        to_stderr("stopped; this is what was measured")
        return False
    return True


def _tell(found: Found, plan: Plan, out: Path | None, image: Path | None) -> None:
    lines = [summary.line(each, turns) for each, turns in found.turns.items()]
    print(summary.table(lines, found.beaten))
    if out is not None:
        whole: dict[str, Any] = {
            "machine": circumstances.machine(),
            "versions": circumstances.versions(plan.contenders),
            "seconds": plan.seconds,
            **summary.as_json(lines, found.beaten),
        }
        out.write_text(json.dumps(whole, indent=1) + "\n")
    if image is not None and lines:
        picture.draw(lines, image)


if __name__ == "__main__":
    typer.run(main)
