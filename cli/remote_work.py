"""What the commands of `classifycloud remote` do."""

import shlex
import sys
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NoReturn

import typer

from cli import options
from cli.exits import FAILED, STOPPED, failed, misused
from deploy.account import Account
from deploy.errors import DeployError
from deploy.remote import place
from deploy.remote.cluster import EMR, Cluster
from deploy.remote.following import Write
from deploy.remote.ground import Ground
from deploy.remote.instance import OneInstance
from deploy.remote.machine import Machines
from deploy.remote.mailbox import Mailbox, runs
from deploy.remote.name import IDS, Run, new_id
from deploy.remote.packing import pack
from deploy.remote.session import Result, Session
from wire.prices import listed as prices

WORDS = {
    "stopped": "it was stopped",
    "lost": "no terminal gave a sign of life for too long",
    "deadline": "its time was over",
    "spot": "EC2 took the spot instance back",
    "failed": "the far side failed; its log says why",
    "gone": "the instance was gone before it ended",
}


@dataclass(frozen=True)
class Order:
    """What `remote run` was asked for."""

    words: list[str]
    kind: str
    spot: bool
    minutes: int
    disk: int
    image: str | None
    grace: int
    send: list[str]
    folder: Path


@dataclass(frozen=True)
class Ended:
    """What `remote stop` did about a run."""

    run: str
    instances: list[str]
    objects: int


def begun(account: Account, deployment: str, order: Order, as_json: bool) -> NoReturn:
    """A run from its start to its end."""
    words = order.words
    script = words[0] if len(words) == 1 else shlex.join(words)
    run = Run(
        id=new_id(),
        script=script,
        folder=str(order.folder),
        kind=order.kind,
        spot=order.spot,
        minutes=order.minutes,
        grace=order.grace,
        started=time.time(),
    )
    try:
        found = place.find(account, deployment, order.image)
        say(f"{run.id}: {_priced(run)}; `classifycloud remote attach {run.id}` from anywhere")
        ground = OneInstance(account, found, run, order.disk, say)
        session = Session(account, found.bucket, run, ground, writer(as_json), say)
        result = session.start(lambda into: pack(order.folder, order.send, into))
    except DeployError as error:
        failed(f"{error}\n{_remains(run.id)}")
    finish(run, result, as_json)


def joined(
    account: Account, deployment: str, run_id: str, into: Path | None, as_json: bool
) -> NoReturn:
    """The rest of a run."""
    _checked(run_id)
    try:
        found = place.find(account, deployment)
        run = Mailbox(account, found.bucket, run_id).run()
        here = Path(run.folder)
        folder = into or (here if here.is_dir() else Path.cwd())
        told = replace(run, folder=str(folder.resolve()))
        ground = _ground(account, found, told)
        result = Session(account, found.bucket, told, ground, writer(as_json), say).join()
    except (DeployError, ValueError) as error:
        failed(f"{error}\n{_remains(run_id)}")
    finish(told, result, as_json)


def stopped(account: Account, deployment: str, run_id: str | None, as_json: bool) -> None:
    """One run, or all, ended and removed."""
    if run_id is not None:
        _checked(run_id)
    try:
        found = place.find(account, deployment)
        machines = Machines(account, deployment)
        known = {each.run for each in machines.of()} | set(runs(account, found.bucket))
        if run_id is not None and run_id not in known:
            failed(f"There is no run {run_id}.\n`classifycloud remote list` shows those there are.")
        ended = []
        for each in sorted(known if run_id is None else {run_id}):
            ids = machines.terminate(each) + _clusters(account, found, each)
            objects = Mailbox(account, found.bucket, each).clear()
            ended.append(Ended(each, ids, objects))
    except DeployError as error:
        failed(str(error))
    if as_json:
        typer.echo(options.document(stopped=ended))
        return
    for row in ended:
        gone = ", ".join(row.instances) or "no instance"
        typer.echo(f"{row.run}: {gone} terminated, {row.objects} objects removed")
    if not ended:
        typer.echo("There is none.")


def listed(account: Account, deployment: str, as_json: bool) -> None:
    """What there is."""
    from cli.remote_report import rows, table

    try:
        found = place.find(account, deployment)
        machines = Machines(account, deployment).of()
        told = {}
        for each in runs(account, found.bucket):
            box = Mailbox(account, found.bucket, each)
            told[each] = (box.run(), box.end())
    except (DeployError, ValueError) as error:
        failed(str(error))
    shown = rows(machines, told, time.time())
    typer.echo(options.document(runs=shown) if as_json else table(shown))


def finish(run: Run, result: Result, as_json: bool) -> NoReturn:
    """Say how it ended, and end as it did."""
    end = result.end
    if as_json:
        typer.echo(
            options.document(run=run.id, code=end.code, reason=end.reason, files=result.files)
        )
    for name in result.files[:20]:
        say(f"  {name}")
    if len(result.files) > 20:
        say(f"  … {len(result.files)} in all")
    back = f"{len(result.files)} files are back in {run.folder}"
    if end.reason is None:
        say(f"The command ended with status {end.code}; {back}.")
        raise typer.Exit(_status(end.code))
    say(f"The command did not end by itself: {WORDS.get(end.reason, end.reason)}; {back}.")
    raise typer.Exit(STOPPED if end.reason == "stopped" else FAILED)


def _ground(account: Account, found: place.Place, run: Run) -> Ground:
    """What a run that another terminal began takes place on."""
    if run.kind == EMR:
        return Cluster(account, found, run, say)
    return OneInstance(account, found, run, 0, say)


def _clusters(account: Account, found: place.Place, run_id: str) -> list[str]:
    """A run's cluster is ended, if it has one; its stack."""
    nothing = Run(run_id, "", "", EMR, False, 0, 0, 0.0)
    return Cluster(account, found, nothing, say).clear()


def _checked(run_id: str) -> None:
    if not IDS.fullmatch(run_id):
        misused(f"{run_id!r} is no run's id: those look like r-0123456789.")


def _status(code: int | None) -> int:
    """As a shell says it: 128 and the signal, of a command that one ended."""
    if code is None:
        return FAILED
    return code if code >= 0 else 128 - code


def _priced(run: Run) -> str:
    market = "spot" if run.spot else "on-demand"
    price = prices().hourly(run.kind, market)
    ends = time.strftime("%H:%M", time.localtime(run.deadline))
    if price is None:
        return f"{run.kind}, {market}, until {ends} at most"
    most = price * run.minutes / 60
    return f"{run.kind}, {market}, about {price:.3f} $ an hour, at most {most:.2f} $ until {ends}"


def _remains(run_id: str) -> str:
    return f"Should anything be left of it: `classifycloud remote stop {run_id}`."


def writer(as_json: bool) -> Write:
    """Where the command's own words go: with --json, stdout is not for them."""
    sink = (sys.stderr if as_json else sys.stdout).buffer

    def write(data: bytes) -> None:
        sink.write(data)
        sink.flush()

    return write


def say(text: str) -> None:
    """What is ours to say."""
    typer.echo(text, err=True)
