"""A picture that is accused of having killed its worker is tried in a process of its own.

The note that accuses it says only that its last worker went while it was worked alone. A picture that
crashes the engine and a machine that lost its power leave the same note. The trial tells them apart: who
kills the process is poison, and who is answered there was innocent.
"""

import asyncio
import json
import os
import signal
import sys

from wire import log
from wire.errors import QueueUnavailable, WorkerCrashed
from wire.messages import Label
from wire.sieve import Sieve
from worker.models import Model, Picture

COMMAND = (sys.executable, "-P", "-m", "worker.trial_run")
LOADING = 60.0
PREDICTING = 20.0  # seconds; the watchdog ends a worker after 75
LOADED = b"loaded\n"

logger = log.get("worker")


class NotTried(QueueUnavailable):
    """The process could not be started, or did not get as far as the picture: nothing is proven."""


class Trial:
    """Tries one picture at a time.

    Args:
        loading: seconds that the process has to load its model.
        predicting: seconds that the picture has then; one that hangs is as guilty as one that kills.
    """

    def __init__(self, loading: float = LOADING, predicting: float = PREDICTING) -> None:
        self._loading = loading
        self._predicting = predicting

    async def __call__(
        self,
        model: Model,
        picture: Picture,
        count: int,
        layer: str | None = None,
        sieve: Sieve | None = None,
    ) -> tuple[Label, ...]:
        """The picture's `count` likeliest labels that pass; none where it is looked at through a layer.

        Raises:
            WorkerCrashed: the process died of it, or hung.
            NotTried: the model could not be loaded there.
            RuntimeError: the engine refused the picture, as it would have in the worker.
        """
        process = await self._started()
        try:
            passing = None if sieve is None else sieve.model_dump()
            asked: dict[str, object] = {"count": count, "sieve": passing, "layer": layer}
            await self._load(process, model, picture, asked)
            return await self._verdict(process)
        finally:
            if process.returncode is None:
                process.kill()
            await process.wait()

    async def _started(self) -> asyncio.subprocess.Process:
        # Without the worker's credentials: what a picture could make of the process gains nothing.
        kept = {name: text for name, text in os.environ.items() if not name.startswith("AWS_")}
        pipe = asyncio.subprocess.PIPE
        try:
            return await asyncio.create_subprocess_exec(*COMMAND, stdin=pipe, stdout=pipe, env=kept)
        except OSError as error:
            raise NotTried from error

    async def _load(
        self,
        process: asyncio.subprocess.Process,
        model: Model,
        picture: Picture,
        asked: dict[str, object],
    ) -> None:
        assert process.stdin is not None and process.stdout is not None  # noqa: S101, PT018
        order = {"folder": str(model.folder.absolute())} | asked
        head = json.dumps(order | {"shape": list(picture.shape)}).encode()
        try:
            async with asyncio.timeout(self._loading):
                process.stdin.write(head + b"\n" + picture.tobytes())
                await process.stdin.drain()
                process.stdin.close()
                said = await process.stdout.readline()
        except (TimeoutError, ConnectionError) as error:
            raise NotTried from error
        if said != LOADED:
            raise NotTried

    async def _verdict(self, process: asyncio.subprocess.Process) -> tuple[Label, ...]:
        assert process.stdout is not None  # noqa: S101
        try:
            async with asyncio.timeout(self._predicting):
                said = await process.stdout.readline()
                status = await process.wait()
        except TimeoutError as error:
            raise WorkerCrashed from error
        if status == -signal.SIGTERM:
            raise NotTried  # somebody ended the process, and not the picture
        if status or not said:
            logger.warning("a picture killed the process that it was tried in", status=status)
            raise WorkerCrashed
        found = json.loads(said)
        if "fault" in found:
            raise RuntimeError(found["fault"])
        return tuple(Label.model_validate(row) for row in found["labels"])
