"""One request of this protocol: its pictures to ordinary jobs, their answers to tensors."""

import asyncio
from collections.abc import Awaitable, Sequence
from dataclasses import replace

from starlette.requests import Request
from starlette.responses import Response

from api.access.guard import Access
from api.client import HttpClient
from api.repeats.once import Asking
from api.repeats.wishes import ANYTHING
from api.submit import Options, Submitter
from api.uploads import Uploads
from api.v2.question import File, Kept, Link, Picture, Question, read
from api.v2.verdict import LENGTH, written
from api.vocabulary import Vocabulary
from wire.errors import InvalidParameter, ServiceError, from_code
from wire.keyring import Scope
from wire.messages import Answer

SCOPE: Scope = "classify"
BODIES = 4  # times the bytes of one picture, that a whole request may have
AT_ONCE = 8  # requests whose bodies may be in memory


class Inference:
    """Serves `…/infer`.

    Args:
        most: bytes that a picture may have.
    """

    def __init__(
        self,
        access: Access,
        asking: Asking,
        submitter: Submitter,
        uploads: Uploads,
        vocabulary: Vocabulary,
        most: int,
    ) -> None:
        self._access = access
        self._asking = asking
        self._submitter = submitter
        self._uploads = uploads
        self._vocabulary = vocabulary
        self._most = most

    async def infer(self, request: Request) -> Response:
        """`POST`. Raises ServiceError, ClientGone."""
        request.state.caller = self._access.admit(request, SCOPE)
        client = HttpClient(request)
        model, version = request.path_params["model"], request.path_params.get("version")
        self._submitter.admit(Options(model=model, model_version=version), client.group)
        if request.headers.get("content-encoding", "identity") != "identity":
            raise InvalidParameter("Content-Encoding: send the body as it is.")
        asked = await self._asked(request, client, model, version)
        answers = await self._answers(asked, client)
        text, headers = written(answers, asked.outputs, model, asked.id)
        return Response(text, headers=headers)

    async def _asked(
        self, request: Request, client: HttpClient, model: str, version: str | None
    ) -> Question:
        """What is asked, its pictures no longer in memory: many requests may wait for their answers."""
        header = request.headers.get(LENGTH)
        async with self._uploads.body(request, BODIES * self._most, client.group) as body:
            # In a thread: a large one takes its time, and everybody else is served by this one.
            asked = await asyncio.to_thread(read, body, header, model, version, self._most)
            await self._vocabulary.check(asked.options)
            for _ in asked.pictures[1:]:  # each costs what it would cost by itself
                self._access.admit(request, SCOPE)
            kept = await asyncio.gather(*map(self._kept, asked.pictures))
        return replace(asked, pictures=kept)

    async def _kept(self, picture: Picture) -> Picture:
        if isinstance(picture, File):
            return Kept(await self._uploads.store(picture.data))
        return picture

    async def _answers(self, asked: Question, client: HttpClient) -> Sequence[Answer]:
        """All, or the error of a picture that failed; the others' jobs go on."""
        gone = asyncio.ensure_future(client.gone())
        parts = [Part(client.group, gone) for _ in asked.pictures]
        asking = [
            asyncio.create_task(self._answer(picture, asked.options, part))
            for picture, part in zip(asked.pictures, parts, strict=True)
        ]
        try:
            await asyncio.wait(asking, return_when=asyncio.FIRST_EXCEPTION)
            for at, task in enumerate(asking):
                if task.done() and (error := task.exception()) is not None:
                    if (job := parts[at].job) is not None:
                        client.carries(job)
                    raise _placed(error, at, len(asking))
            return [task.result() for task in asking]
        finally:
            for task in asking:
                task.cancel()
            await asyncio.gather(*asking, return_exceptions=True)
            gone.cancel()

    async def _answer(self, picture: Picture, options: Options, part: "Part") -> Answer:
        if isinstance(picture, Kept):
            return await self._submitter.by_upload(picture.name, options, part)
        assert isinstance(picture, Link)  # noqa: S101
        return (await self._asking.by_url(picture.url, options, ANYTHING, part)).answer


class Part:
    """A client for one of its pictures; satisfies `Client`."""

    def __init__(self, group: str | None, gone: "asyncio.Future[None]") -> None:
        self._gone = gone
        self.group = group
        self.job: str | None = None

    def carries(self, uuid: str) -> None:
        self.job = uuid

    def replayed(self) -> None:
        """Never: there is no Idempotency-Key here."""

    def gone(self) -> Awaitable[None]:
        return asyncio.shield(self._gone)


def _placed(error: BaseException, at: int, count: int) -> BaseException:
    """The error, and whose it is where there are several pictures."""
    if count == 1 or not isinstance(error, ServiceError):
        return error
    text = f"Picture {at} of {count}, counted from 0: {error.public}"
    return from_code(error.code, text)
