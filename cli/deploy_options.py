"""Options of `classifycloud deploy`, and what follows from them."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from cli.exits import failed, misused, stopped

if TYPE_CHECKING:
    from deploy.account import Account
    from deploy.wish import Wish
    from wire.settings import Settings

_where = partial(typer.Option, rich_help_panel="Where")
_what = partial(typer.Option, rich_help_panel="What")
_image = partial(typer.Option, rich_help_panel="The image")

Name = Annotated[
    str | None,
    _where(help="The deployment.", show_default="CLASSIFYCLOUD_DEPLOYMENT, or classifycloud"),
]
Region = Annotated[
    str | None,
    _where(help="AWS region.", show_default="CLASSIFYCLOUD_REGION, the profile's, or us-east-1"),
]
Endpoint = Annotated[
    str | None,
    _where("--endpoint-url", metavar="URL", help="An emulator that stands for all of AWS."),
]
Profile = Annotated[
    Literal["service", "single-host"] | None,
    _what(help="With a load balancer, or all on one instance.", show_default="service"),
]
Least = Annotated[int | None, _what("--min-workers", min=0, help="Workers always kept.")]
Most = Annotated[int | None, _what("--max-workers", min=1, help="Workers never exceeded.")]
Market = Annotated[Literal["spot", "on-demand"] | None, _what(help="What workers are bought as.")]
Domain = Annotated[str | None, _what(metavar="NAME", help="Name to be reached by, over HTTPS.")]
Zone = Annotated[str | None, _what(metavar="ID", help="Route 53 zone of the domain.")]
Cidr = Annotated[
    str | None,
    _what(
        "--client-cidr",
        metavar="NETWORK",
        help="Who may ask.",
        show_default="this machine's address; everybody with a domain",
    ),
]
Access = Annotated[
    Literal["keys", "public"] | None,
    _what(help="Who gets answers: holders of keys, or all."),
]
Email = Annotated[str | None, _what("--alarm-email", metavar="ADDRESS", help="Told of alarms.")]
Set = Annotated[
    list[str] | None,
    _what(
        "--set",
        metavar="NAME=VALUE",
        help="Any parameter of the stack (docs/aws.md); once for each.",
    ),
]
ImageId = Annotated[
    str | None,
    _image(
        "--image",
        metavar="AMI",
        help="Use this image.",
        show_default="that of this source, baked where there is none",
    ),
]
BaseImage = Annotated[
    str | None,
    _image(metavar="AMI", help="What one is baked on.", show_default="the newest Debian 12"),
]
BakeType = Annotated[
    str | None,
    _image(metavar="TYPE", help="Instance type to bake on.", show_default="that of the workers"),
]
BakeSubnet = Annotated[
    str | None,
    _image(
        metavar="ID",
        help="Subnet to bake in, with a way out.",
        show_default="the account's default",
    ),
]
Models = Annotated[
    Path | None,
    _image(
        exists=True,
        file_okay=False,
        help="Folder of bundles for the image.",
        show_default="the bundled model",
    ),
]


def settings() -> "Settings":
    """Those of every process, out of the environment; ends the command where one cannot be used."""
    from wire.settings import Settings, SettingsError, load

    try:
        return load(Settings)
    except SettingsError as error:
        misused(str(error))


def named(name: str | None) -> str:
    """Which deployment is meant."""
    return name or settings().deployment


def account(region: str | None, endpoint: str | None) -> "Account":
    """Where; an emulator's address goes for everything that this command asks.

    Ends the command where boto3's own settings are wrong.
    """
    import boto3
    from botocore.exceptions import BotoCoreError, ProfileNotFound

    from deploy.account import Account

    given = settings()
    if endpoint is not None:
        os.environ["AWS_ENDPOINT_URL"] = endpoint
    try:
        own = None if "region" in given.model_fields_set else boto3.session.Session().region_name
        return Account(region or own or given.region, endpoint)
    except ProfileNotFound as error:
        failed(f"{error}.\n`aws configure list-profiles` lists those that AWS_PROFILE may name.")
    except BotoCoreError as error:
        failed(str(error))


def wish(
    name: str | None,
    parameters: dict[str, str | int | None],
    more: list[str] | None,
    image: str | None,
    base_image: str | None,
    bake_type: str | None,
    bake_subnet: str | None,
    models: Path | None,
) -> "Wish":
    """What is asked for; ends the command where that is nothing."""
    from deploy.errors import DeployError
    from deploy.parameters import pairs
    from deploy.wish import Wish

    given = {key: str(value) for key, value in parameters.items() if value is not None}
    try:
        given |= pairs(more or [])
        return Wish(named(name), given, image, base_image, bake_type, bake_subnet, models)
    except DeployError as error:
        misused(str(error))


@contextmanager
def ending(after: str) -> Iterator[None]:
    """End the command as all do: a reason and a remedy, or what Ctrl-C leaves (`after`)."""
    from deploy.errors import DeployError

    try:
        yield
    except DeployError as error:
        failed(str(error))
    except KeyboardInterrupt:
        stopped(after)
