"""Which version answers a job, and how a new one takes over: loaded and warm beside the old one first.

The index is followed in two steps. What is asked for by its number is there as soon as it is read. Who
names no version gets the one that was in service until its successor is loaded; batches that hold the old
one end with it, and then it goes.
"""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from typing import TypeAlias

from classifier import errors as refused
from wire import log
from wire.errors import ModelNotFound, QueueUnavailable, WorkerCrashed
from wire.index import Index, Line
from wire.index_store import EVERY, IndexCopy
from wire.lineup import Choice, Lineup
from wire.messages import Job
from worker.models import Model, Models
from worker.shelf.canaries import Canaries
from worker.shelf.counts import CanaryCounts, ours

LOOK = 1.0  # seconds between looks at canaries
UNLOADABLE = (refused.ClassifierError, QueueUnavailable, ModelNotFound)

Folder: TypeAlias = Mapping[str, Sequence[str]]

BRIEF = 300  # characters
DEADLY = "a picture killed the process in which it looked at it, and not the version in service"

logger = log.get("worker")


class InService:
    """Finds the model of a job.

    Args:
        models: those in memory, and the way to others.
        copy: of the index.
        lineup: what the worker's folder has.
        canaries: versions on trial.
        counts: of their answers.
        folder: what the worker's folder has now.
        every: seconds between reads of the index.
    """

    def __init__(
        self,
        models: Models,
        copy: IndexCopy,
        lineup: Lineup,
        canaries: Canaries,
        counts: CanaryCounts,
        folder: Callable[[], Folder],
        every: float = EVERY,
    ) -> None:
        self._models = models
        self._copy = copy
        self._serving = lineup
        self._followed = self._begun = lineup.index
        self._canaries = canaries
        self._counts = counts
        self._folder = folder
        self._every = every

    async def find(self, name: str | None, version: str | None, job: str = "") -> Model:
        """The model of a job; what fails to load is replaced where nobody asked for it by its number.

        Raises:
            ModelNotFound: there is none.
            ClassifierError: it cannot be loaded.
            QueueUnavailable: it is in the bucket, and the bucket cannot be reached.
        """
        choice = self._known(name, version, job) or await self._sought(name, version, job)
        ready = self._models.ready(choice.name, choice.version)
        if ready is not None:
            return ready
        try:
            return await self._models.find(choice.name, choice.version)
        except (refused.ClassifierError, QueueUnavailable) as error:
            if choice.instead is None:
                raise
            self._failed(choice.name, choice.version, error)
            return await self._models.find(choice.name, choice.instead)

    def answered(self, model: Model, job: Job, cost: float, cores: int) -> None:
        """See `worker.work.Service`."""
        if job.model_version is None:
            self._counts.answered(model, cost, cores)

    async def failed(self, model: Model, job: Job, cause: Exception) -> Model | None:
        """See `worker.work.Service`: a canary's failure is no answer, while another version can give one.

        It may have been taken back since it was given the picture.
        """
        if job.model_version is not None or not ours(cause):
            return None
        self._counts.failed(model)
        usual = self._serving.serving(model.name) or self._latest().serving(model.name)
        if usual is None or model.version == usual:
            return None
        logger.warning(
            "a canary failed", model=model.name, version=model.version, error=brief(cause)
        )
        return await self._models.find(model.name, usual)

    def outdone(self, model: Model, cause: Exception) -> None:
        """See `worker.work.Service`: one that kills is not waited for to kill again."""
        gone = not self._serving.share(model.name, model.version)
        if isinstance(cause, WorkerCrashed) and not gone:
            self._canaries.take_back(model.name, model.version, DEADLY)
            self._take(self._serving)

    async def open(self, seconds: float, reading: Awaitable[object] | None = None) -> None:
        """Read the index and load what answers by default, before the first job; no longer than so many
        seconds where the store cannot be reached, or hangs: then what the folder has answers.

        Args:
            seconds: for the index.
            reading: a read that has begun.
        """
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                if reading is not None:
                    await reading
                while not self._copy.known:
                    await self._copy.read()
                    if not self._copy.known:
                        await asyncio.sleep(LOOK)
        self._take(replace(self._serving, index=self._copy.index))
        self._followed = self._begun = self._copy.index
        # What cannot be loaded is dealt with when somebody asks for it.
        with contextlib.suppress(*UNLOADABLE):
            await self.find(None, None)

    async def run(self) -> None:
        """Follow the index and judge canaries, until canceled."""
        looks = 0
        while True:
            await asyncio.sleep(min(LOOK, self._every))
            looks += 1
            try:
                await self._look(read=looks % max(1, round(self._every / LOOK)) == 0)
            # Whatever it is: were this loop to end, the worker would serve an old version for ever.
            except Exception:
                logger.exception("the index of models could not be followed")

    async def _look(self, read: bool) -> None:
        if read:
            await self._copy.read()
        if self._canaries.judge(self._serving):
            self._take(self._serving)
        await self._canaries.tell(self._copy)
        # What could not be followed, in an outage for one, is tried again as often as it is read.
        if self._copy.index != (self._followed if read else self._begun):
            self._begun = self._copy.index
            await self._follow(self._begun)

    def _known(self, name: str | None, version: str | None, job: str) -> Choice | None:
        try:
            return self._serving.choose(name, version, job)
        except ModelNotFound:
            return None

    async def _sought(self, name: str | None, version: str | None, job: str) -> Choice:
        """What this worker does not serve yet; raises ModelNotFound."""
        with contextlib.suppress(ModelNotFound):
            return self._latest().choose(name, version, job)
        # It may have been published, or put into the folder, a moment ago.
        await self._copy.read_soon()
        self._take(replace(self._serving, folder=self._folder()))
        return self._latest().choose(name, version, job)

    def _latest(self) -> Lineup:
        return self._canaries.without(replace(self._serving, index=self._copy.index))

    async def _follow(self, index: Index) -> None:
        """Take an index over, each model that is in use once its new versions are warm."""
        lineup, whole = replace(self._serving, index=index), True
        for name in sorted(self._models.names() | {lineup.default}):
            for version in self._awaited(lineup, name):
                try:
                    await self._models.find(name, version)
                except UNLOADABLE as error:
                    self._failed(name, version, error)
                    whole = whole and isinstance(error, refused.BundleBroken)
                    lineup = self._kept(lineup, name, version)
        if whole:
            self._followed = index
        self._take(lineup)
        serving = {name: lineup.serving(name) for name in lineup.names()}
        logger.info("models in service", serving=serving, default=lineup.default)

    def _awaited(self, lineup: Lineup, name: str) -> list[str]:
        """Versions that are to answer, and do not yet."""
        line = lineup.index.line(name)
        coming = [lineup.serving(name), None if line.canary is None else line.canary.version]
        fresh = name != self._serving.default and name == lineup.default
        return [
            version
            for version in coming
            if version is not None
            and lineup.share(name, version)
            and (fresh or not self._serving.share(name, version))
        ]

    def _kept(self, lineup: Lineup, name: str, version: str) -> Lineup:
        """The line-up as it would be, were this version not to answer."""
        line, index = lineup.index.line(name), lineup.index
        if line.canary is not None and line.canary.version == version:
            return replace(lineup, index=_with(index, name, line, {"canary": None}))
        before = self._serving
        if name == lineup.default != before.default:
            index = index.model_copy(update={"default": before.default})
        update = {"default": before.serving(name), "canary": None}
        return replace(lineup, index=_with(index, name, line, update))

    def _failed(self, name: str, version: str, error: Exception) -> None:
        logger.warning(
            "a version could not be loaded", model=name, version=version, error=brief(error)
        )
        # The bucket out of reach, or a disk that is full, says nothing of the version.
        if isinstance(error, refused.BundleBroken):
            self._canaries.take_back(name, version, f"it cannot be loaded: {brief(error)}")
            self._take(self._serving)

    def _take(self, lineup: Lineup) -> None:
        self._serving = self._canaries.without(lineup)
        self._canaries.watch(self._serving)


def brief(error: Exception) -> str:
    """An engine's own words go on for pages."""
    return " ".join((str(error) or repr(error)).split())[:BRIEF]


def _with(index: Index, name: str, line: Line, update: Mapping[str, object]) -> Index:
    models = {**index.models, name: line.model_copy(update=dict(update))}
    return index.model_copy(update={"models": models})
