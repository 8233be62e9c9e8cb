"""Which deployment a command means: the `up` that runs on a data folder, or the account boto3 is led to."""

import os
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeVar
from urllib.parse import urlsplit

import typer

from cli.exits import failed, misused

if TYPE_CHECKING:
    from botocore.config import Config

    from wire.aws import Aws
    from wire.files import S3Files
    from wire.queues import Queues
    from wire.store import Store

R = TypeVar("R")

DATA = Path(".classifycloud")
PATIENCE = 3  # seconds for a connection, and thrice that for an answer

Data = Annotated[
    Path | None,
    typer.Option(
        help="Data folder of a running `classifycloud up`; where none runs, AWS as boto3 finds it.",
        show_default=str(DATA),
    ),
]


@dataclass(frozen=True, slots=True)
class Deployment:
    """A deployment that can be asked. `name` is the prefix of its queues, `where` says which in words."""

    name: str
    region: str
    bucket: str
    where: str


def find(data: Path | None) -> Deployment:
    """The deployment, boto3's own variables set so that its clients reach it.

    Ends the command where there is none; the text says what to do.
    """
    from local.up.environment import local_aws
    from wire.settings import Settings, SettingsError, load

    try:
        settings = load(Settings)
    except SettingsError as error:
        misused(str(error))
    running = _running(data or DATA)
    if running is None:
        if data is not None:
            failed(f"No service runs on {data}.\nStart it with `classifycloud up --data {data}`.")
        _need_credentials(settings.region)
        where = f"bucket {settings.bucket} in {settings.region}"
        return Deployment(settings.deployment, settings.region, settings.bucket, where)
    queues, storage, bucket = running
    os.environ.update(local_aws(queues, storage, settings.region))
    return Deployment(
        settings.deployment, settings.region, bucket, f"the service on {data or DATA}"
    )


def files(deployment: Deployment) -> "S3Files":
    """The deployment's way to objects that are too large for memory. For commands: it blocks."""
    from wire.aws import Aws
    from wire.files import S3Files

    client = Aws(deployment.region).client("s3", _config())
    return S3Files(lambda: client, deployment.bucket)


def ask(deployment: Deployment, question: "Callable[[Store], Awaitable[R]]") -> R:
    """Run something on the deployment's store; ends the command where that cannot be reached."""

    async def answered(aws: "Aws", config: "Config") -> R:
        from wire.store import S3Store

        return await question(S3Store(aws, deployment.bucket, config))

    return _asked(deployment, answered, "storage")


def ask_both(deployment: Deployment, question: "Callable[[Queues, Store], Awaitable[R]]") -> R:
    """The same on its queues and its store."""

    async def answered(aws: "Aws", config: "Config") -> R:
        from wire.sqs import SqsQueues
        from wire.store import S3Store

        queues = SqsQueues(aws, config)
        try:
            return await question(queues, S3Store(aws, deployment.bucket, config))
        finally:
            await queues.close()

    return _asked(deployment, answered, "queues or storage")


def _asked(
    deployment: Deployment, answered: "Callable[[Aws, Config], Awaitable[R]]", what: str
) -> R:
    import asyncio

    from botocore.exceptions import ClientError

    from wire.aws import Aws
    from wire.errors import QueueUnavailable

    async def run(aws: Aws) -> R:
        try:
            return await answered(aws, _config())
        finally:
            await aws.close()

    try:
        return asyncio.run(run(Aws(deployment.region, calls=16)))
    except QueueUnavailable as error:
        failed(f"The {what} of {deployment.where} cannot be reached: {error.__cause__ or error}")
    except ClientError as error:
        failed(f"The {what} of {deployment.where} refuses: {error}")


def _config() -> "Config":
    from botocore.config import Config

    retries = {"total_max_attempts": 2}
    return Config(connect_timeout=PATIENCE, read_timeout=3 * PATIENCE, retries=retries)  # type: ignore[arg-type]


def _running(data: Path) -> tuple[str, str, str] | None:
    """Queues' address, storage's address and bucket of the `up` that runs on a folder."""
    from local.up.notes import Notes

    if not (data / "run").is_dir():
        return None
    notes = Notes(data / "run")
    queues, storage = notes.address("sqs"), notes.address("storage")
    if queues is None or storage is None:
        return None
    return _origin(queues), _origin(storage), urlsplit(storage).path.strip("/")


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def _need_credentials(region: str) -> None:
    import boto3
    from botocore.exceptions import BotoCoreError

    try:
        found = boto3.session.Session(region_name=region).get_credentials()
    except BotoCoreError as error:
        failed(str(error))
    if found is None:
        failed(
            f"No service runs on {DATA}, and boto3 finds no AWS credentials.\n"
            "Start one with `classifycloud up`, name its folder with --data, or name an AWS profile "
            "in AWS_PROFILE."
        )
