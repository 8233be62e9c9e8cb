"""`classifycloud deploy`: the service on AWS, from nothing to an address and back."""

import json
from typing import Annotated

import typer

from cli import deploy_options as given
from cli import options
from cli.address import Key
from cli.exits import FAILED, failed

app = typer.Typer(
    name="deploy",
    help="Run the service on AWS: say what it costs, make it, look at it, remove it.",
    no_args_is_help=True,
)
AGAIN = "Stopped. CloudFormation goes on with what it was told; run the command again to go on."
Json = Annotated[bool, options.json_of("an object")]
Prices = Annotated[
    list[str] | None,
    typer.Option("--price", metavar="NAME=DOLLARS", help="A price of your own; once for each."),
]


@app.command()
def plan(
    name: given.Name = None,
    region: given.Region = None,
    endpoint: given.Endpoint = None,
    profile: given.Profile = None,
    least: given.Least = None,
    most: given.Most = None,
    market: given.Market = None,
    domain: given.Domain = None,
    zone: given.Zone = None,
    cidr: given.Cidr = None,
    access: given.Access = None,
    email: given.Email = None,
    more: given.Set = None,
    image: given.ImageId = None,
    models: given.Models = None,
    price: Prices = None,
    as_json: Json = False,
) -> None:
    """Say what `up` would do, whether it can, and what an hour costs. Makes nothing.

    Exits with 1 where `up` would fail.
    """
    from cli.deploy_report import planned
    from deploy import plan as planning
    from deploy.cost.prices import PricesError, load_prices
    from deploy.errors import DeployError

    chosen = _parameters(profile, least, most, market, domain, zone, cidr, access, email)
    wish = given.wish(name, chosen, more, image, None, None, None, models)
    with given.ending("Stopped. Nothing was made."):
        try:
            prices = load_prices(None, price or [])
        except PricesError as error:
            raise DeployError(str(error)) from error
        found = planning.made(given.account(region, endpoint), wish, prices)
    typer.echo(json.dumps(planning.as_document(found)) if as_json else planned(found))
    if not found.possible:
        raise typer.Exit(FAILED)


@app.command()
def up(
    name: given.Name = None,
    region: given.Region = None,
    endpoint: given.Endpoint = None,
    profile: given.Profile = None,
    least: given.Least = None,
    most: given.Most = None,
    market: given.Market = None,
    domain: given.Domain = None,
    zone: given.Zone = None,
    cidr: given.Cidr = None,
    access: given.Access = None,
    email: given.Email = None,
    more: given.Set = None,
    image: given.ImageId = None,
    base_image: given.BaseImage = None,
    bake_type: given.BakeType = None,
    bake_subnet: given.BakeSubnet = None,
    models: given.Models = None,
    as_json: Json = False,
) -> None:
    """Make the deployment, or bring it to what is asked for.

    What is not asked for stays as it is. Stopped or failed anywhere, the same command goes on. It costs
    money from now on: `deploy plan` says how much.
    """
    from cli.deploy_report import Progress, stood, stood_document
    from deploy.up import Up

    chosen = _parameters(profile, least, most, market, domain, zone, cidr, access, email)
    wish = given.wish(name, chosen, more, image, base_image, bake_type, bake_subnet, models)
    with given.ending(AGAIN), Progress() as progress:
        account = given.account(region, endpoint)
        stack = Up(account, wish, progress.voice(endpoint)).run()
    typer.echo(json.dumps(stood_document(stack)) if as_json else stood(stack, account.region))


@app.command()
def status(
    name: given.Name = None,
    region: given.Region = None,
    endpoint: given.Endpoint = None,
    url: Annotated[
        str | None, typer.Option(help="The front end.", show_default="the stack's own address")
    ] = None,
    as_json: Json = False,
) -> None:
    """Show the stack, its machines, queues and alarms, and whether the front end answers.

    Exits with 1 where it does not.
    """
    from cli.deploy_report import shown
    from deploy import standing

    with given.ending("Stopped."):
        found = standing.look(given.account(region, endpoint), given.named(name), url)
    typer.echo(json.dumps(standing.as_document(found)) if as_json else shown(found))
    if not found.answers:
        raise typer.Exit(FAILED)


@app.command()
def logs(
    only: Annotated[
        str,
        typer.Argument(
            metavar="PROCESS",
            help="worker, api, balancer, queue, or one instance: worker/i-0123.",
        ),
    ] = "",
    last: Annotated[
        str, typer.Option(metavar="SPAN", help="How far back: 90s, 10m, 2h, 1d.")
    ] = "10m",
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Go on with what comes.")] = False,
    pattern: Annotated[
        str,
        typer.Option("--filter", help="CloudWatch's filter pattern, such as '{ $.job = \"…\" }'."),
    ] = "",
    name: given.Name = None,
    region: given.Region = None,
    endpoint: given.Endpoint = None,
    as_json: Annotated[bool, options.json_of("a line for each line")] = False,
) -> None:
    """Show what the processes say."""
    import time

    from cli.deploy_report import line_of, span
    from deploy.logs import Logs

    begin = time.time() - span(last)
    with given.ending(""):
        told = Logs(given.account(region, endpoint), given.named(name))
        lines = (told.follow if follow else told.since)(begin, only, pattern)
        for line in lines:
            typer.echo(line_of(line, as_json))


@app.command()
def smoke(
    picture: Annotated[
        str | None,
        typer.Argument(metavar="URL|FILE", help="A picture.", show_default="one of a cat"),
    ] = None,
    url: Annotated[
        str | None, typer.Option(help="The front end.", show_default="the stack's own address")
    ] = None,
    key: Key = None,
    timeout: options.Timeout = options.TIMEOUT,
    name: given.Name = None,
    region: given.Region = None,
    endpoint: given.Endpoint = None,
    as_json: Json = False,
) -> None:
    """Classify a picture there and show where the time went.

    Where keys are needed and none is given, it makes itself one that lives for ten minutes.
    """
    from cli.deploy_smoke import asked, drawn

    with given.ending("Stopped."):
        found = asked(
            given.account(region, endpoint), given.named(name), url, key, picture, timeout
        )
    typer.echo(options.document(**found) if as_json else drawn(found))


@app.command()
def down(
    name: given.Name = None,
    region: given.Region = None,
    endpoint: given.Endpoint = None,
    keep_data: Annotated[
        bool, typer.Option("--keep-data", help="Keep the bucket with records, answers, models.")
    ] = False,
    yes: Annotated[
        bool, typer.Option("--yes", "-y", help="Do not ask: remove that bucket too.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Remove the deployment, then list what there is of it: nothing.

    Jobs that wait are lost. Asks before the bucket with records and models goes. Stopped anywhere, the same
    command goes on.
    """
    from cli.deploy_report import Progress, emptied, emptied_document
    from deploy.down import Down

    deployment = given.named(name)

    def may_drop(question: str) -> bool:
        if keep_data or yes:
            return yes and not keep_data
        return _confirmed(question)

    with given.ending(AGAIN):
        account = given.account(region, endpoint)
        if not yes and not _confirmed(f"Remove the deployment {deployment!r} in {account.region}?"):
            failed("Nothing was removed. Where nobody can be asked, give --yes.")
        with Progress() as progress:
            left = Down(account, deployment, progress.voice(endpoint), may_drop).run()
    typer.echo(json.dumps(emptied_document(left)) if as_json else emptied(left, deployment))
    if left.found:
        raise typer.Exit(FAILED)


def _parameters(
    profile: str | None,
    least: int | None,
    most: int | None,
    market: str | None,
    domain: str | None,
    zone: str | None,
    cidr: str | None,
    access: str | None,
    email: str | None,
) -> dict[str, str | int | None]:
    return {
        "Profile": profile,
        "MinWorkers": least,
        "MaxWorkers": most,
        "Market": market,
        "Domain": domain,
        "HostedZoneId": zone,
        "ClientCidr": cidr,
        "Access": access,
        "AlarmEmail": email,
    }


def _confirmed(question: str) -> bool:
    try:
        return typer.confirm(question, err=True)
    except typer.Abort:
        return False
