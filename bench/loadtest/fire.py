"""Sends the requests, so many at a time, and times each."""

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence

import httpx

from bench.loadtest.outcome import OK, Outcome


async def fire(
    service: str,
    pictures: Sequence[str],
    concurrency: int,
    patience: float,
    done: Callable[[Outcome], None],
    headers: Mapping[str, str] | None = None,
) -> tuple[list[Outcome], float]:
    """Ask the service what is in every picture; nothing is tried twice.

    Args:
        service: URL of the service.
        pictures: URLs of the pictures.
        concurrency: how many requests are open at once.
        patience: seconds that a request may take in all.
        done: told of each outcome as it comes.
        headers: sent along with every request.

    Returns the outcomes in the order of the pictures, and the seconds that all took.
    """
    # As many connections as requests: waiting for a free one would count as the service's time.
    limits = httpx.Limits(max_connections=concurrency, max_keepalive_connections=concurrency)
    slots = asyncio.Semaphore(concurrency)
    async with httpx.AsyncClient(
        base_url=service, timeout=patience, limits=limits, trust_env=False, headers=headers
    ) as client:

        async def ask(picture: str) -> Outcome:
            async with slots:
                outcome = await ask_once(client, picture, patience)
            done(outcome)
            return outcome

        began = time.perf_counter()
        outcomes = await asyncio.gather(*(ask(picture) for picture in pictures))
        return outcomes, time.perf_counter() - began


async def ask_once(client: httpx.AsyncClient, picture: str, patience: float) -> Outcome:
    """One request."""
    began = time.perf_counter()
    label = None
    try:
        async with asyncio.timeout(patience):
            response = await client.get("/classify", params={"url": picture})
        code, label = verdict(response)
    except (TimeoutError, httpx.TimeoutException):
        code = "no_answer"
    except httpx.ConnectError:
        code = "no_connection"
    except httpx.HTTPError:
        code = "broken_connection"
    return Outcome(picture, time.perf_counter() - began, code, label)


def verdict(response: httpx.Response) -> tuple[str, str | None]:
    """Code and label of an answer; an answer without label is none, whatever its status."""
    try:
        body = response.json()
    except ValueError:
        body = None
    if not isinstance(body, dict):
        return f"http_{response.status_code}", None
    error = body.get("error")
    if isinstance(error, dict) and isinstance(error.get("code"), str):
        return error["code"], None
    result = body.get("result")
    if response.status_code == httpx.codes.OK and isinstance(result, str) and result:
        return OK, result
    return f"http_{response.status_code}", None
