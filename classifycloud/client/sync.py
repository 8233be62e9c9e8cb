"""The client for ordinary code; `AsyncClient` is the same for code that awaits."""

import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from types import TracebackType
from typing import Self, TypeVar, Unpack

import httpx

from classifycloud.client import errors, jobs, many, requests, steps
from classifycloud.client.activations import Features
from classifycloud.client.answers import Classification, Job, Model, Outcome, Row
from classifycloud.client.calls import Call, Reply
from classifycloud.client.events import Watch
from classifycloud.client.pictures import Picture, source
from classifycloud.client.steps import Ask, Patience, Steps
from classifycloud.client.transport import Line
from classifycloud.client.wishes import BulkWishes, JobWishes, LayerWishes, Wishes

T = TypeVar("T")

TIMEOUT = 300.0  # seconds: how long a job that is waited for may take
AT_ONCE = 8


class Client:
    """Asks one service; a context manager, and safe to share between threads.

    Args:
        url: such as https://classify.example.com; `CLASSIFYCLOUD_URL` when left out, or this machine's.
        key: an API key; `CLASSIFYCLOUD_KEY` when left out.
        timeout: seconds that one call may take, all tries and pauses together.
        transport: of httpx, in the place of its own.

    Every method raises ClassifyCloudError, in one of the kinds of `classifycloud.client.errors`.
    """

    def __init__(
        self,
        url: str | None = None,
        key: str | None = None,
        *,
        timeout: float = TIMEOUT,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        self._line = Line(url, key)
        self._timeout = timeout
        self._http = httpx.Client(**self._line.options(transport))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    @property
    def url(self) -> str:
        """The service's address."""
        return self._line.url

    def close(self) -> None:
        """Close its connections."""
        self._http.close()

    def classify(self, picture: Picture, **wishes: Unpack[Wishes]) -> Classification:
        """What is in a picture: an address, a path, bytes, or an open file. Raises OSError for a file."""
        patience = self._patience(wishes.get("timeout"))
        return self._run(steps.answer(requests.classify(source(picture), wishes), patience))

    def classify_many(
        self,
        pictures: Iterable[Picture],
        *,
        at_once: int = AT_ONCE,
        as_done: bool = False,
        **wishes: Unpack[Wishes],
    ) -> Iterator[Outcome[Classification]]:
        """The same for many, a number of them at once, in order or as they are done.

        None of them ends the others: an outcome has an answer or an error. Input is read as it goes.
        """

        def ask(picture: Picture) -> Classification:
            return self.classify(picture, **wishes)

        return many.in_threads(pictures, ask, at_once, as_done)

    def features(self, picture: Picture, layer: str, **wishes: Unpack[LayerWishes]) -> Features:
        """What a layer of the model makes of a picture."""
        patience = self._patience(wishes.get("timeout"))
        call = requests.features(source(picture), layer, wishes)
        return self._run(steps.answer(call, patience))

    def late_features(self, uuid: str) -> Features:
        """The same of a job that has succeeded."""
        return self.send(requests.late_features(uuid))

    def submit(self, picture: Picture, **wishes: Unpack[JobWishes]) -> Job:
        """A job that nobody waits for: `job`, `wait` or `events` have its answer, or a webhook."""
        return self.send(jobs.submit(source(picture), wishes), wishes.get("timeout"))

    def submit_many(
        self, pictures: str | Iterable[str | Mapping[str, str]], **wishes: Unpack[BulkWishes]
    ) -> Job:
        """A bulk job of many addresses, each alone or as {"url", "id"}, or of an `s3://bucket/prefix`."""
        return self.send(jobs.submit_many(pictures, wishes), wishes.get("timeout"))

    def job(self, uuid: str) -> Job:
        """A job as it stands."""
        return self.send(requests.job(uuid))

    def wait(self, uuid: str, *, timeout: float | None = None) -> Job:
        """A job once it has ended, however it did; raises OutOfTime when it has not in time."""
        return self._run(steps.ended(uuid, self._patience(timeout)))

    def cancel(self, uuid: str) -> Job:
        """Nobody works it any more who has not begun; one that has ended stays as it is."""
        return self.send(jobs.cancel(uuid))

    def retry(self, uuid: str) -> Job:
        """A new job that asks the same as one that has ended, or of a bulk job what has failed."""
        return self.send(jobs.retry(uuid))

    def delete(self, uuid: str) -> None:
        """Forget it, and what came of it."""
        self.send(jobs.delete(uuid))

    def results(self, uuid: str, *, partial: bool = False) -> list[Row]:
        """What became of each row of a bulk job, in the order of its pictures.

        Raises Conflict before it has ended; `partial` has what there is by then.
        """
        return self.send(jobs.results(uuid, partial))

    def results_file(self, uuid: str, form: str = "parquet") -> bytes:
        """The same as a file: "parquet", or "jsonl"."""
        return self.send(jobs.results_file(uuid, form))

    def events(self, uuid: str, *, timeout: float | None = None) -> Iterator[Job]:
        """A job each time something about it changes, up to its end; raises as `wait`."""
        watch = Watch(uuid, self._patience(timeout))
        while not watch.ended:
            fault = None
            try:
                with self._stream(watch.ask()) as response:
                    if not response.is_success:
                        response.read()
                        watch.refused(self._line.reply(response))
                        continue
                    for line in response.iter_lines():
                        if (found := watch.line(line)) is not None:
                            yield found
            except errors.NoAnswer as error:
                fault = error
            watch.broken(fault)

    def models(self) -> list[Model]:
        """Every version of every model."""
        return self.send(requests.models())

    def alive(self) -> None:
        """That a front end lives at the address; raises where none does."""
        self._run(steps.once(requests.alive(), self._patience()))

    def ready(self) -> None:
        """That it takes requests; raises Busy where it does not just now."""
        self._run(steps.once(requests.ready(), self._patience()))

    def metrics(self) -> str:
        """Counters and gauges in Prometheus' text format."""
        return self.send(requests.metrics())

    def send(self, call: Call[T], timeout: float | None = None) -> T:
        """A call that was put together elsewhere; `classifycloud.client.calls` says what one is."""
        return self._run(steps.answer(call, self._patience(timeout)))

    def _patience(self, timeout: float | None = None) -> Patience:
        return Patience(self._timeout if timeout is None else timeout)

    def _run(self, course: Steps[T]) -> T:
        turn = partial(next, course)
        while True:
            try:
                ask = turn()
            except StopIteration as end:
                return end.value  # type: ignore[no-any-return]
            try:
                turn = partial(course.send, self._sent(ask))
            except errors.NoAnswer as error:
                turn = partial(course.throw, error)

    @contextmanager
    def _stream(self, ask: Ask) -> Iterator[httpx.Response]:
        time.sleep(ask.after)
        with self._line.told():
            request = self._line.request(ask.call, ask.timeout)
            with self._http.stream(**request) as response:
                yield response

    def _sent(self, ask: Ask) -> Reply:
        time.sleep(ask.after)
        with self._line.told():
            return self._line.reply(self._http.request(**self._line.request(ask.call, ask.timeout)))
