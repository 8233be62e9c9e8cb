"""Many pictures, a bounded number at once; in order, or as they are done. Consumes its input as it goes."""

import asyncio
from collections import deque
from collections.abc import AsyncIterable, AsyncIterator, Awaitable, Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from typing import TypeVar

from classifycloud.client.answers import Outcome
from classifycloud.client.errors import ClassifyCloudError
from classifycloud.client.pictures import Picture

T = TypeVar("T")


def outcome(picture: Picture, ask: Callable[[Picture], T]) -> Outcome[T]:
    """What one picture brought."""
    try:
        return Outcome(picture, ask(picture))
    except (ClassifyCloudError, OSError) as error:
        return Outcome(picture, error=error)


async def awaited(picture: Picture, ask: Callable[[Picture], Awaitable[T]]) -> Outcome[T]:
    """The same where it must be awaited."""
    try:
        return Outcome(picture, await ask(picture))
    except (ClassifyCloudError, OSError) as error:
        return Outcome(picture, error=error)


def in_threads(
    pictures: Iterable[Picture], ask: Callable[[Picture], T], at_once: int, as_done: bool
) -> Iterator[Outcome[T]]:
    """Outcomes; when the iterator is closed, those under way are still waited for."""
    under_way: deque[Future[Outcome[T]]] = deque()
    with ThreadPoolExecutor(at_once, "classifycloud") as threads:
        try:
            for picture in pictures:
                under_way.append(threads.submit(outcome, picture, ask))
                if len(under_way) >= at_once:
                    yield _next(under_way, as_done)
            while under_way:
                yield _next(under_way, as_done)
        finally:
            for each in under_way:
                each.cancel()


def _next(under_way: "deque[Future[Outcome[T]]]", as_done: bool) -> Outcome[T]:
    if not as_done:
        return under_way.popleft().result()
    done, _ = wait(under_way, return_when=FIRST_COMPLETED)
    first = next(each for each in under_way if each in done)
    under_way.remove(first)
    return first.result()


async def in_tasks(
    pictures: Iterable[Picture] | AsyncIterable[Picture],
    ask: Callable[[Picture], Awaitable[T]],
    at_once: int,
    as_done: bool,
) -> AsyncIterator[Outcome[T]]:
    """Outcomes; when the iterator is closed, those under way are canceled."""
    under_way: deque[asyncio.Task[Outcome[T]]] = deque()
    try:
        async for picture in _each(pictures):
            under_way.append(asyncio.create_task(awaited(picture, ask)))
            if len(under_way) >= at_once:
                yield await _awaited(under_way, as_done)
        while under_way:
            yield await _awaited(under_way, as_done)
    finally:
        for each in under_way:
            each.cancel()
        await asyncio.gather(*under_way, return_exceptions=True)


async def _awaited(under_way: "deque[asyncio.Task[Outcome[T]]]", as_done: bool) -> Outcome[T]:
    if not as_done:
        found = await asyncio.shield(under_way[0])
        under_way.popleft()
        return found
    done, _ = await asyncio.wait(under_way, return_when=asyncio.FIRST_COMPLETED)
    first = next(each for each in under_way if each in done)
    under_way.remove(first)
    return first.result()


async def _each(pictures: Iterable[Picture] | AsyncIterable[Picture]) -> AsyncIterator[Picture]:
    if isinstance(pictures, AsyncIterable):
        async for picture in pictures:
            yield picture
        return
    for picture in pictures:
        yield picture
