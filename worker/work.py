"""One job answered: its picture fetched, decoded, classified. What fails becomes an answer too."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Protocol

from classifier.recipe import Recipe
from wire import log, tracing
from wire.errors import (
    JobExpired,
    QueueUnavailable,
    ServiceError,
)
from wire.messages import Answer, Job, Label
from wire.sieve import Sieve
from worker.answers import about, failure, features, success
from worker.batcher import Batcher
from worker.breaker import Breaker
from worker.decoder.pool import NoDecoder
from worker.layers import Layers
from worker.models import Model, Picture
from worker.parcel import Parcel
from worker.patience import GivenUp, insist
from worker.pictures import NotKept, Pictures, source
from worker.places import Places
from worker.quarantine import Quarantine
from worker.retry import Tries
from worker.seen import Seen, Unseen
from worker.stage import Stage
from worker.trial import NotTried

logger = log.get("worker")

Decode = Callable[[bytes, Recipe, Callable[[], None]], Awaitable[Picture]]
"""A picture file to the network's input; the last argument is told of a second try."""


class Try(Protocol):
    """Looks at a picture that may kill."""

    async def __call__(
        self, model: Model, picture: Picture, count: int, *, sieve: Sieve | None
    ) -> tuple[Label, ...]:
        """So many of its labels that pass.

        Raises:
            WorkerCrashed: it is guilty.
            NotTried: nothing is proven.
        """


class Service(Protocol):
    """Finds models, and hears how they do."""

    async def find(self, name: str | None, version: str | None, job: str) -> Model:
        """The model of a job, by its id."""

    def answered(self, model: Model, job: Job, cost: float, cores: int) -> None:
        """It classified a job's picture, for so many seconds of one core, on so many."""

    async def failed(self, model: Model, job: Job, cause: Exception) -> Model | None:
        """It did not; the model that may try instead, None where only this one may answer."""

    def outdone(self, model: Model, cause: Exception) -> None:
        """What it failed at was done by the other."""


class AnsweredBefore(Exception):
    """The parcel came back without its upload, which is removed once it is answered and recorded."""


class Work:
    """Answers jobs; each stage has its own limit, so that stages of several jobs overlap.

    Args:
        models: finds the model of a job.
        pictures: gets the bytes.
        batcher: stands before the engine.
        quarantine: keeps suspects apart.
        places: among the fetchers.
        breaker: keeps fetchers away from hosts that let them run out.
        decoders: pictures decoded at the same time.
        decode: makes the network's input of a picture.
        moved: told whenever a job has finished a stage.
        trial: judges a picture that is accused of having killed its worker.
        layers: reads layers, for jobs that ask for one.
        tries: how often a picture is fetched.
        seen: what is remembered of pictures.
    """

    def __init__(
        self,
        models: Service,
        pictures: Pictures,
        batcher: Batcher,
        quarantine: Quarantine,
        places: Places,
        breaker: Breaker,
        decoders: int,
        decode: Decode,
        moved: Callable[[], None],
        trial: Try,
        layers: Layers,
        tries: Tries = Tries(),
        seen: Seen = Unseen(),
    ) -> None:
        self._models = models
        self._pictures = pictures
        self._batcher = batcher
        self._quarantine = quarantine
        self._places = places
        self._breaker = breaker
        self._decoding = asyncio.Semaphore(decoders)
        self._decode = decode
        self._moved = moved
        self._trial = trial
        self._layers = layers
        self._tries = tries
        self._seen = seen

    async def answer(self, parcel: Parcel) -> Answer:
        """The job's answer, labels or error.

        Raises:
            GivenUp: an outage outlasted the lease; there is no answer.
            AnsweredBefore: an earlier worker answered and recorded it.
        """
        try:
            _refuse(parcel)
            model = await self._found(parcel)
            if parcel.job.task == "features":
                return await self._read(parcel, model)
            data = await self._fetched(parcel)
            sight = self._seen.look(parcel, model, data)
            if (known := sight.labels()) is not None:
                return success(parcel, model, known, cached=True)
            async with self._quarantine.turn(parcel):
                judge, labels = await self._judged(parcel, model, data)
        except GivenUp:
            raise
        except NotKept as error:
            # Received for the first time it may still be one of two: sent twice, where SQS's
            # answer to the first was lost, it is answered by whoever found the picture.
            if parcel.suspect or parcel.has_own_upload:
                raise AnsweredBefore from error
            return failure(parcel, error)
        except Exception as error:
            return failure(parcel, error)
        if judge is not model:
            sight = self._seen.look(parcel, judge, data)
        sight.keep(labels)
        return success(parcel, judge, labels)

    async def _found(self, parcel: Parcel) -> Model:
        job = parcel.job
        return await self._models.find(job.model, job.model_version, job.uuid)

    async def _read(self, parcel: Parcel, model: Model) -> Answer:
        layer = await self._layers.check(model, parcel.job.layer)
        data = await self._fetched(parcel)
        async with self._quarantine.turn(parcel):
            picture = await self._decoded(parcel, model, data)
            with Stage(parcel, "inference", self._moved):
                try:
                    read = self._layers.try_out if parcel.accused else self._layers.read
                    found = await read(model, picture, layer)
                except NotTried as error:
                    raise GivenUp from error
        return features(parcel, model, found)

    async def _fetched(self, parcel: Parcel) -> bytes:
        made, last = 0, None
        while True:
            try:
                return await self._fetched_once(parcel)
            except JobExpired as error:
                raise last or error from None
            except ServiceError as error:
                made, last = made + 1, error
            pause = self._tries.next(last, made, parcel.job.deadline, parcel.age)
            if pause is None:
                raise last
            logger.info("a fetch is tried again", **about(parcel), code=last.code, pause=pause)
            await asyncio.sleep(pause)  # its place among the fetchers is another's meanwhile

    async def _fetched_once(self, parcel: Parcel) -> bytes:
        host, group = source(parcel.job.image_url), parcel.received.group
        async with self._places.place(host, group):
            _refuse(parcel)  # again: its deadline may have passed while it waited for its turn
            parcel.spent.queue = parcel.spent.queue or parcel.age
            with self._breaker.over(group, host), Stage(parcel, "fetch", self._moved):
                return await insist(
                    lambda: self._pictures.get(parcel.job.image_url),
                    parcel.ends,
                    parcel.lease.progress,
                    on=QueueUnavailable,
                    job=parcel.job.uuid,
                )

    async def _judged(
        self, parcel: Parcel, model: Model, data: bytes
    ) -> tuple[Model, tuple[Label, ...]]:
        """The labels and whose they are: a version on trial that fails is stood in for."""
        try:
            return model, await self._looked_at(parcel, model, data)
        except Exception as error:
            other = await self._models.failed(model, parcel.job, error)
            if other is None:
                raise
            labels = await self._looked_at(parcel, other, data)
            self._models.outdone(model, error)
            return other, labels

    async def _looked_at(self, parcel: Parcel, model: Model, data: bytes) -> tuple[Label, ...]:
        return await self._classified(parcel, model, await self._decoded(parcel, model, data))

    async def _decoded(self, parcel: Parcel, model: Model, data: bytes) -> Picture:
        async with self._decoding:
            with Stage(parcel, "decode", self._moved):
                try:
                    return await self._decode(data, model.recipe, parcel.lease.progress)
                except NoDecoder as error:  # no fault of the picture's: another worker may have one
                    raise GivenUp from error

    async def _classified(
        self, parcel: Parcel, model: Model, picture: Picture
    ) -> tuple[Label, ...]:
        if parcel.accused:
            return await self._tried(parcel, model, picture)
        job = parcel.job
        with tracing.span("classify", model=model.name, version=model.version) as span:
            found = await self._batcher.classify(model, picture, job.top, job.sieve)
            span.past("batch wait", None, found.seconds)
            span.past("inference", found.seconds, link=found.batch)
        parcel.spent.inference = found.seconds
        self._models.answered(model, job, found.cost, found.cores)
        self._moved()
        return found.labels

    async def _tried(self, parcel: Parcel, model: Model, picture: Picture) -> tuple[Label, ...]:
        with Stage(parcel, "inference", self._moved):
            try:
                job = parcel.job
                return await self._trial(model, picture, job.top, sieve=job.sieve)
            except NotTried as error:
                raise GivenUp from error


def _refuse(parcel: Parcel) -> None:
    if parcel.expired:
        raise JobExpired
