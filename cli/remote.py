"""`classifycloud remote`: one's own command on an instance of one's own."""

from pathlib import Path
from typing import Annotated

import typer

from cli import deploy_options as given
from cli import options
from cli.exits import misused

ON = "The instance"

app = typer.Typer(
    name="remote",
    help="Run a command on an instance that is there for it alone, and is gone afterwards.",
    no_args_is_help=True,
)

Id = Annotated[str, typer.Argument(metavar="ID", help="As `remote list` shows it.")]
Into = Annotated[
    Path | None,
    typer.Option(
        help="Folder in which files come back.",
        show_default="where the run was begun",
        file_okay=False,
    ),
]
Command = Annotated[
    list[str],
    typer.Argument(
        metavar="-- COMMAND...",
        help="What to run, in a copy of this folder; one word with spaces is a line for bash.",
    ),
]
Kind = Annotated[str, typer.Option("--instance", help="Its type.", rich_help_panel=ON)]
Spot = Annotated[
    bool,
    typer.Option("--spot", help="Cheaper, and may be taken back amid it.", rich_help_panel=ON),
]
Hours = Annotated[
    float,
    typer.Option(
        min=0.05, max=48, help="After which it ends itself, whatever happens.", rich_help_panel=ON
    ),
]
Disk = Annotated[int, typer.Option(min=8, max=16384, help="Gigabytes.", rich_help_panel=ON)]
Image = Annotated[
    str | None,
    typer.Option(
        metavar="AMI",
        help="ami-... or resolve:ssm:PARAMETER, with SSM's agent and Python 3.9 or later.",
        show_default="the deployment's",
        rich_help_panel=ON,
    ),
]
Grace = Annotated[
    float,
    typer.Option(
        min=0.1,
        metavar="MINUTES",
        help="Without a sign of life from here it ends the command; `remote attach` is one.",
        rich_help_panel=ON,
    ),
]
Detach = Annotated[
    bool,
    typer.Option("--unattended", help="Never mind whether anybody is here.", rich_help_panel=ON),
]
Send = Annotated[
    list[str] | None,
    typer.Option("--send", metavar="PATH", help="In this folder, sent though git ignores it."),
]
Folder = Annotated[
    Path,
    typer.Option(
        "--folder", help="What is sent.", exists=True, file_okay=False, show_default="this one"
    ),
]


@app.command()
def run(
    command: Command,
    instance: Kind = "g5.xlarge",
    spot: Spot = False,
    hours: Hours = 8.0,
    disk: Disk = 50,
    image: Image = None,
    grace: Grace = 10.0,
    unattended: Detach = False,
    send: Send = None,
    folder: Folder = Path(),
    name: given.Name = None,
    region: given.Region = None,
    endpoint: given.Endpoint = None,
    as_json: Annotated[
        bool, options.json_of("how it ended; what the command says goes to stderr")
    ] = False,
) -> None:
    """Run a command on an instance of its own: this folder goes there, what is new or changed comes back.

    No key, no open port: SSM. Ctrl-C asks the command to end, fetches what there is, and leaves nothing;
    twice, at once. If this terminal dies, `remote attach ID` goes on for --grace minutes; after that the run
    ends itself. Exits as the command does.

    classifycloud remote run --instance g5.xlarge --spot -- classifycloud train --data pictures --model cnn1
    """
    from cli.remote_work import Order, begun

    order = Order(
        words=command,
        kind=instance,
        spot=spot,
        minutes=max(1, round(60 * hours)),
        disk=disk,
        image=image,
        grace=0 if unattended else round(60 * grace),
        send=send or [],
        folder=folder.resolve(),
    )
    begun(given.account(region, endpoint), given.named(name), order, as_json)


@app.command("list")
def list_runs(
    name: given.Name = None,
    region: given.Region = None,
    endpoint: given.Endpoint = None,
    as_json: Annotated[bool, options.json_of("one object, `runs`")] = False,
) -> None:
    """Runs that have an instance, or left something in the bucket; and what each costs."""
    from cli.remote_work import listed

    listed(given.account(region, endpoint), given.named(name), as_json)


@app.command()
def attach(
    run_id: Id,
    into: Into = None,
    name: given.Name = None,
    region: given.Region = None,
    endpoint: given.Endpoint = None,
    as_json: Annotated[
        bool, options.json_of("how it ended; what the command says goes to stderr")
    ] = False,
) -> None:
    """Go on with a run whose terminal was lost: its log from the beginning, its files, its end.

    Ctrl-C does what it does in `remote run`.
    """
    from cli.remote_work import joined

    joined(given.account(region, endpoint), given.named(name), run_id, into, as_json)


@app.command()
def stop(
    run_id: Annotated[
        str | None, typer.Argument(metavar="[ID]", help="As `remote list` shows it.")
    ] = None,
    every: Annotated[bool, typer.Option("--all", help="All of the deployment.")] = False,
    name: given.Name = None,
    region: given.Region = None,
    endpoint: given.Endpoint = None,
    as_json: Annotated[bool, options.json_of("what was ended and removed")] = False,
) -> None:
    """End a run at once: its instance and what it has in the bucket are gone. Its files are not fetched."""
    from cli.remote_work import stopped

    if (run_id is None) != every:
        misused("Give the run's ID, or --all.")
    stopped(given.account(region, endpoint), given.named(name), run_id, as_json)
