"""`classifycloud train --spark emr`: on a Spark cluster of its own, made for it and gone with it."""

import shlex
import time
from pathlib import Path
from typing import NoReturn

import typer

from cli import deploy_options as given
from cli.exits import failed, misused
from cli.remote_work import finish, say, writer
from deploy.errors import DeployError
from deploy.remote import place
from deploy.remote.cluster import EMR, Cluster, Size
from deploy.remote.name import Run, new_id
from deploy.remote.packing import Packed, pack_only
from deploy.remote.session import Session

WORKERS = 4
MINUTES = 24 * 60
GRACE = 900  # seconds
PYTHON = "/opt/classifycloud/venv/bin/python"
CACHE = "/mnt/classifycloud-cache"
# What the options of the cluster itself become there; `out` is sent along, whatever else the folder has.
OURS = frozenset({"spark", "executors", "conf", "cache", "as_json", "flags", "out"})
SAID = ("COMMANDLINE", "DEFAULT_MAP")
SETTINGS = {
    "spark.dynamicAllocation.enabled": "false",
    "spark.executor.memory": "2g",
    "spark.executor.memoryOverhead": "8g",  # TensorFlow is not Java's
}
ENVIRONMENT = (
    "export HADOOP_CONF_DIR=/etc/hadoop/conf "
    f"PYSPARK_PYTHON={PYTHON} "
    'JAVA_HOME="$(dirname "$(dirname "$(readlink -f "$(command -v java)")")")"'
)


def trained(
    context: typer.Context,
    name: str,
    out: Path | None,
    data: str | None,
    executors: int | None,
    conf: list[str] | None,
) -> NoReturn:
    """The training from its cluster's beginning to its end; the run's folder comes back.

    Args:
        context: of `train`, with all that it was given.
        name: of the run's folder where `out` is none.
        data: as it was given.
    """
    if data is not None and not data.startswith("s3://"):
        misused(
            "--spark emr reads --data s3://BUCKET/PREFIX alone: a cluster does not see this disk."
        )
    here, folder = Path.cwd(), out or Path("runs") / name
    if folder.is_absolute():
        misused(
            "--spark emr brings the run's folder back into this one: give --out as a path within it."
        )
    workers = executors or WORKERS
    run = Run(
        new_id(),
        _script(_words(context), folder, workers, conf),
        str(here),
        EMR,
        True,
        MINUTES,
        GRACE,
        time.time(),
    )
    account, deployment = given.account(None, None), given.named(None)
    as_json = bool(context.params.get("as_json"))
    try:
        found = place.find(account, deployment)
        size = Size("m5.xlarge", "g4dn.xlarge", workers, True, data)
        say(f"{run.id}: a host and {workers} x {size.kind} on spot, for this training alone")
        cluster = Cluster(account, found, run, say, size)
        session = Session(account, found.bucket, run, cluster, writer(as_json), say)

        def parcel(into: Path) -> Packed:
            return pack_only(here, [str(folder)] if folder.is_dir() else [], into)

        result = session.start(parcel)
    except DeployError as error:
        failed(
            f"{error}\nThe cluster ends by itself when it idles; its stack is named for {run.id}."
        )
    finish(run, result, as_json)


def _script(asked: list[str], folder: Path, workers: int, conf: list[str] | None) -> str:
    """The same command for the cluster's host."""
    settings = SETTINGS | {"spark.executor.instances": str(workers)}
    words = ["classifycloud", "train", *asked, "--spark", "yarn", "--executors", str(workers)]
    words += ["--out", str(folder), "--cache", CACHE]
    for pair in [*(f"{name}={value}" for name, value in settings.items()), *(conf or [])]:
        words += ["--conf", pair]
    return f"{ENVIRONMENT}; exec {shlex.join(words)}"


def _words(context: typer.Context) -> list[str]:
    """What the command was given, by a file of flags too, but what the cluster is told otherwise."""
    words: list[str] = []
    for option in context.command.params:
        source = context.get_parameter_source(str(option.name))
        if option.name in OURS or source is None or source.name not in SAID:
            continue
        value = context.params[str(option.name)]
        if value is not False:
            words += [option.opts[0]] if value is True else [option.opts[0], str(value)]
    return words
