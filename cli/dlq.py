"""`classifycloud dlq`: jobs that killed their workers, and messages that no worker can read."""

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn, TypeVar

import typer

from cli import deployment, options
from cli.deployment import Data
from cli.exits import failed, misused

if TYPE_CHECKING:
    from cli.dlq_work import Work
    from wire.dead_letters import DeadLetters, Letter
    from wire.queues import Queues
    from wire.records import Record
    from wire.store import Store

R = TypeVar("R")

app = typer.Typer(
    name="dlq",
    help="Look at the dead-letter queue, send its jobs again, or remove them.",
    no_args_is_help=True,
)

Name = Annotated[str | None, typer.Argument(metavar="ID", help="Of a job, or of a message.")]
All = Annotated[bool, typer.Option("--all", help="Every one.")]
Json = Annotated[bool, options.json_of("an object")]


@app.command("list")
def listing(
    limit: Annotated[int, typer.Option(min=1, max=1000, help="How many to show.")] = 50,
    data: Data = None,
    as_json: Json = False,
) -> None:
    """List what lies there, the oldest first. A look hides it from others for a moment only."""
    import json

    from cli.dlq_report import as_row, listed

    place = deployment.find(data)

    async def looked(dead: "DeadLetters", _: "Store") -> "tuple[list[Letter], int]":
        waiting = await dead.waiting()
        async with dead.held():
            letters = await dead.look(limit)
        return letters, max(waiting, len(letters))

    letters, waiting = _ask(place, looked)
    if as_json:
        rows = [as_row(each) for each in letters]
        typer.echo(json.dumps({"messages": rows, "more": waiting - len(letters)}))
    elif letters:
        typer.echo(listed(letters, waiting))
    else:
        typer.echo(f"The dead-letter queue of {place.where} is empty.{_hidden(waiting)}")


@app.command()
def show(
    name: Annotated[str, typer.Argument(metavar="ID", help="Of a job, or of a message.")],
    data: Data = None,
    as_json: Json = False,
) -> None:
    """Show one whole message, and what is known of its job."""
    import json

    from cli.dlq_report import as_document, told

    place = deployment.find(data)

    async def known(dead: "DeadLetters", store: "Store") -> str:
        async with dead.held():
            letter = await _one(dead, name)
            verdict = None if letter.job is None else await dead.verdict(letter.id)
            record = None if letter.job is None else await _record(store, letter)
            parts = (letter, verdict, record, await _picture(store, letter))
        return json.dumps(as_document(*parts)) if as_json else told(*parts)

    typer.echo(_ask(place, known))


@app.command()
def redrive(
    name: Name = None,
    every: All = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only say what would be sent.")
    ] = False,
    data: Data = None,
    as_json: Json = False,
) -> None:
    """Send jobs to the workers again, once what they died of is mended. They begin anew.

    Their clients have long been answered: fetch the new answer at /jobs/ID. A job that kills its
    workers again comes back here. What no worker can read is left where it is.
    """
    from cli.dlq_work import Redrive

    work = Redrive(dry_run)
    _each(data, name, every, work)
    typer.echo(options.document(**work.document()) if as_json else work.report())


@app.command()
def purge(
    name: Name = None,
    every: All = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    data: Data = None,
    as_json: Json = False,
) -> None:
    """Remove messages for good. Asks before it does."""
    from cli.dlq_work import Purge

    _check(name, every)
    if not yes:
        what = "every message in the dead-letter queue" if every else f"{name!r}"
        if not _confirmed(f"Remove {what} for good?"):
            failed("Nothing was removed. Where nobody can be asked, give --yes.")
    work = Purge()
    _each(data, name, every, work)
    typer.echo(options.document(**work.document()) if as_json else work.report())


def _each(data: Path | None, name: str | None, every: bool, work: "Work") -> None:
    from rich.console import Console
    from rich.progress import Progress

    _check(name, every)
    place = deployment.find(data)

    async def done(dead: "DeadLetters", _: "Store") -> None:
        from wire.dead_round import through

        if name is not None:
            await _named(dead, name, work)
            return
        with Progress(console=Console(stderr=True), transient=True) as bar:
            task = bar.add_task("messages", total=await dead.waiting())
            await through(dead, work, lambda: bar.advance(task))

    _ask(place, done)


def _check(name: str | None, every: bool) -> None:
    if (name is None) is not every:
        misused("Give the ID of one message, or --all.")


def _confirmed(question: str) -> bool:
    try:
        return typer.confirm(question, err=True)
    except typer.Abort:
        return False


def _ask(
    place: deployment.Deployment, question: "Callable[[DeadLetters, Store], Awaitable[R]]"
) -> R:
    from wire.dead_letters import DeadLetters
    from wire.names import QueueNames
    from wire.queues import QueueMissing

    async def asked(queues: "Queues", store: "Store") -> R:
        dead = await DeadLetters.open(queues, QueueNames(place.name), store)
        return await question(dead, store)

    try:
        return deployment.ask_both(place, asked)
    except QueueMissing:
        failed(
            f"{place.where[0].upper()}{place.where[1:]} has no dead-letter queue of the deployment "
            f"{place.name!r}: CLASSIFYCLOUD_DEPLOYMENT names another, and its first worker makes it."
        )


async def _one(dead: "DeadLetters", name: str) -> "Letter":
    looked_at = 0
    while letters := await dead.look():
        for letter in letters:
            if letter.is_called(name):
                return letter
        looked_at += len(letters)
    return _missing(name, looked_at)


async def _named(dead: "DeadLetters", name: str, work: "Work") -> None:
    """Every copy of it: a worker that was killed midway may have put it here twice."""
    from wire.dead_round import through

    found = 0

    def count() -> None:
        nonlocal found
        found += 1

    looked_at = await through(dead, work, count, lambda each: each.is_called(name))
    if not found:
        _missing(name, looked_at)


def _missing(name: str, looked_at: int) -> NoReturn:
    failed(
        f"No message of this id is there: {name!r} (looked at {looked_at:,}). "
        "`classifycloud dlq list` shows what is; somebody else may look at it just now."
    )


async def _record(store: "Store", letter: "Letter") -> "Record | None":
    """The job's record, looked for around the hour in which it came here."""
    from datetime import UTC, datetime, timedelta

    from cli.trace_records import in_store
    from wire.records import Record

    at, around = datetime.fromtimestamp(letter.received.sent_at, UTC), timedelta(minutes=10)
    wanted, found = f'"{letter.id}"'.encode(), None
    async for lines in in_store(store, at - around, at + around, lambda *_: None):
        for line in lines:
            if wanted in line:
                found = Record.decode(line)
    return found


async def _picture(store: "Store", letter: "Letter") -> str:
    from wire.names import uploaded

    key = "" if letter.job is None else uploaded(letter.job.image_url)
    if not key:
        return letter.url
    size = await store.get(key)
    return "sent as bytes, not kept any more" if size is None else f"sent as {len(size):,} bytes"


def _hidden(waiting: int) -> str:
    if not waiting:
        return ""
    return f" About {waiting} are hidden for a moment: somebody else looks at them."
