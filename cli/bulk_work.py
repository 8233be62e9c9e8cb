"""Bulk jobs of a running service: sent, followed, fetched."""

import math
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TaskID,
    TextColumn,
    TimeRemainingColumn,
)

from classifycloud.client import Client, Interrupted, Job, NotUnderstood, Unreachable
from classifycloud.client.calls import KEY, Call, new_key
from classifycloud.client.reading import document
from cli.bulk_source import JSON, Asked

AGAIN = 1.0  # seconds
PATIENCE = 300.0  # seconds without a service before its follower gives up


class Bulk:
    """Asks for bulk jobs; raises ClassifyCloudError."""

    def __init__(self, service: Client) -> None:
        self._service = service

    def submit(self, asked: Asked, wishes: Mapping[str, Any]) -> str:
        """Send one; its id. Under a key of its own, so that a try more makes no second one."""
        headers = {"Content-Type": JSON, KEY: new_key()}
        body = asked.body(wishes)
        call = Call("POST", "/jobs", document, headers=headers, content=body)
        found = self._service.send(call)
        if not str(found.get("uuid", "")).startswith("bulk-"):
            raise NotUnderstood("The service took it for something else than a bulk job.")
        return str(found["uuid"])

    def status(self, uuid: str) -> Job:
        """How far it is."""
        return self._service.job(uuid)

    def ended(self, uuid: str) -> Job:
        """The same once it has ended and its results can be had, with a progress bar on the way."""
        bar = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[rate]}"),
            TimeRemainingColumn(),
            console=Console(stderr=True),
            transient=True,
        )
        with bar:
            task = bar.add_task("queued", total=None, rate="")
            for found in self._course(uuid):
                _show(bar, task, found)
        return found

    def download(self, uuid: str, form: str, out: Path) -> None:
        """Write the results to a file; it is there as a whole or not at all."""
        data = self._service.results_file(uuid, form)
        beside = out.with_name(f".{out.name}.part")
        beside.write_bytes(data)
        beside.replace(out)

    def _course(self, uuid: str) -> Iterator[Job]:
        """How it is whenever that is news, to its end. A service that restarts is waited for: the job goes
        on without it."""
        end = time.monotonic() + PATIENCE
        while True:
            try:
                for found in self._service.events(uuid, timeout=math.inf):
                    end = time.monotonic() + PATIENCE
                    yield found
            except (Unreachable, Interrupted):
                if time.monotonic() > end:
                    raise
                time.sleep(AGAIN)
            else:
                return


def _show(bar: Progress, task: TaskID, found: Job) -> None:
    rate = f"{found.rate:g}/s" if found.rate else ""
    bar.update(task, description=found.status, total=found.rows, completed=found.done, rate=rate)
