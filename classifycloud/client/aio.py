"""The client for code that awaits."""

import asyncio
from collections.abc import AsyncIterable, AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from functools import partial
from types import TracebackType
from typing import Self, TypeVar, Unpack

import httpx

from classifycloud.client import errors, jobs, many, requests, steps
from classifycloud.client.activations import Features
from classifycloud.client.answers import Classification, Job, Model, Outcome, Row
from classifycloud.client.calls import Call, Reply
from classifycloud.client.events import Watch
from classifycloud.client.pictures import Picture, Source, source
from classifycloud.client.steps import Ask, Patience, Steps
from classifycloud.client.sync import AT_ONCE, TIMEOUT
from classifycloud.client.transport import Line
from classifycloud.client.wishes import BulkWishes, JobWishes, LayerWishes, Wishes

T = TypeVar("T")


class AsyncClient:
    """Asks one service; an asynchronous context manager. Arguments, methods and errors as of `Client`."""

    def __init__(
        self,
        url: str | None = None,
        key: str | None = None,
        *,
        timeout: float = TIMEOUT,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self._line = Line(url, key)
        self._timeout = timeout
        self._http = httpx.AsyncClient(**self._line.options(transport))

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.close()

    @property
    def url(self) -> str:
        """The service's address."""
        return self._line.url

    async def close(self) -> None:
        """Close its connections."""
        await self._http.aclose()

    async def classify(self, picture: Picture, **wishes: Unpack[Wishes]) -> Classification:
        """What is in a picture: an address, a path, bytes, or an open file. Raises OSError for a file."""
        patience = self._patience(wishes.get("timeout"))
        call = requests.classify(await _source(picture), wishes)
        return await self._run(steps.answer(call, patience))

    def classify_many(
        self,
        pictures: Iterable[Picture] | AsyncIterable[Picture],
        *,
        at_once: int = AT_ONCE,
        as_done: bool = False,
        **wishes: Unpack[Wishes],
    ) -> AsyncIterator[Outcome[Classification]]:
        """The same for many, a number of them at once, in order or as they are done.

        None of them ends the others: an outcome has an answer or an error. Input is read as it goes.
        """

        async def ask(picture: Picture) -> Classification:
            return await self.classify(picture, **wishes)

        return many.in_tasks(pictures, ask, at_once, as_done)

    async def features(
        self, picture: Picture, layer: str, **wishes: Unpack[LayerWishes]
    ) -> Features:
        """What a layer of the model makes of a picture."""
        patience = self._patience(wishes.get("timeout"))
        call = requests.features(await _source(picture), layer, wishes)
        return await self._run(steps.answer(call, patience))

    async def late_features(self, uuid: str) -> Features:
        """The same of a job that has succeeded."""
        return await self.send(requests.late_features(uuid))

    async def submit(self, picture: Picture, **wishes: Unpack[JobWishes]) -> Job:
        """A job that nobody waits for: `job`, `wait` or `events` have its answer, or a webhook."""
        return await self.send(jobs.submit(await _source(picture), wishes), wishes.get("timeout"))

    async def submit_many(
        self, pictures: str | Iterable[str | Mapping[str, str]], **wishes: Unpack[BulkWishes]
    ) -> Job:
        """A bulk job of many addresses, each alone or as {"url", "id"}, or of an `s3://bucket/prefix`."""
        return await self.send(jobs.submit_many(pictures, wishes), wishes.get("timeout"))

    async def job(self, uuid: str) -> Job:
        """A job as it stands."""
        return await self.send(requests.job(uuid))

    async def wait(self, uuid: str, *, timeout: float | None = None) -> Job:  # noqa: ASYNC109
        """A job once it has ended, however it did; raises OutOfTime when it has not in time."""
        return await self._run(steps.ended(uuid, self._patience(timeout)))

    async def cancel(self, uuid: str) -> Job:
        """Nobody works it any more who has not begun; one that has ended stays as it is."""
        return await self.send(jobs.cancel(uuid))

    async def retry(self, uuid: str) -> Job:
        """A new job that asks the same as one that has ended, or of a bulk job what has failed."""
        return await self.send(jobs.retry(uuid))

    async def delete(self, uuid: str) -> None:
        """Forget it, and what came of it."""
        await self.send(jobs.delete(uuid))

    async def results(self, uuid: str, *, partial: bool = False) -> list[Row]:
        """What became of each row of a bulk job, in the order of its pictures.

        Raises Conflict before it has ended; `partial` has what there is by then.
        """
        return await self.send(jobs.results(uuid, partial))

    async def results_file(self, uuid: str, form: str = "parquet") -> bytes:
        """The same as a file: "parquet", or "jsonl"."""
        return await self.send(jobs.results_file(uuid, form))

    async def events(
        self,
        uuid: str,
        *,
        timeout: float | None = None,  # noqa: ASYNC109
    ) -> AsyncIterator[Job]:
        """A job each time something about it changes, up to its end; raises as `wait`."""
        watch = Watch(uuid, self._patience(timeout))
        while not watch.ended:
            fault = None
            try:
                async with self._stream(watch.ask()) as response:
                    if not response.is_success:
                        await response.aread()
                        watch.refused(self._line.reply(response))
                        continue
                    async for line in response.aiter_lines():
                        if (found := watch.line(line)) is not None:
                            yield found
            except errors.NoAnswer as error:
                fault = error
            watch.broken(fault)

    async def models(self) -> list[Model]:
        """Every version of every model."""
        return await self.send(requests.models())

    async def alive(self) -> None:
        """That a front end lives at the address; raises where none does."""
        await self._run(steps.once(requests.alive(), self._patience()))

    async def ready(self) -> None:
        """That it takes requests; raises Busy where it does not just now."""
        await self._run(steps.once(requests.ready(), self._patience()))

    async def metrics(self) -> str:
        """Counters and gauges in Prometheus' text format."""
        return await self.send(requests.metrics())

    async def send(self, call: Call[T], timeout: float | None = None) -> T:  # noqa: ASYNC109
        """A call that was put together elsewhere; `classifycloud.client.calls` says what one is."""
        return await self._run(steps.answer(call, self._patience(timeout)))

    def _patience(self, timeout: float | None = None) -> Patience:
        return Patience(self._timeout if timeout is None else timeout)

    async def _run(self, course: Steps[T]) -> T:
        turn = partial(next, course)
        while True:
            try:
                ask = turn()
            except StopIteration as end:
                return end.value  # type: ignore[no-any-return]
            try:
                turn = partial(course.send, await self._sent(ask))
            except errors.NoAnswer as error:
                turn = partial(course.throw, error)

    @asynccontextmanager
    async def _stream(self, ask: Ask) -> AsyncIterator[httpx.Response]:
        await asyncio.sleep(ask.after)
        with self._line.told():
            request = self._line.request(ask.call, ask.timeout)
            async with self._http.stream(**request) as response:
                yield response

    async def _sent(self, ask: Ask) -> Reply:
        await asyncio.sleep(ask.after)
        with self._line.told():
            request = self._line.request(ask.call, ask.timeout)
            return self._line.reply(await self._http.request(**request))


async def _source(picture: Picture) -> Source:
    # A disk may be slow: other requests go on meanwhile.
    return await asyncio.to_thread(source, picture)
