"""A client that wants its answer, whatever happens to the service: its protocol, and what it counts.

- It asks with an Idempotency-Key of its own, every time with the same.
- 200 is its answer.
- An error that names a job (503 `shutting_down`, 504 `timed_out`) says that the job goes on: it asks
  for /jobs/ID until the answer is there.
- An error that names none (the same 503, `overloaded`, `queue_unavailable`) and a connection that was
  refused say that nothing was accepted: it asks again after a while.
- A connection that broke says nothing: it asks again under the same key.
- Any other error is a wrong answer to a good picture, and counted so.
"""

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import httpx

from bench.soak.pictures import Host, color

UPLOADED_EVERY = 7  # every so manieth picture is sent as bytes
PAUSE = 0.5
AGAIN = {409, 429, 502, 503}
PATIENCE = 900.0  # seconds for one verdict


@dataclass(slots=True)
class Asked:
    """What one client went through. `uuid` and `result` are of its verdict; `ids` all it was told of.

    `met` counts what happened on the way by kind. `code` is the error's that ended it, if one did.
    """

    number: int
    uuid: str = ""
    result: str = ""
    code: str = ""
    seconds: float = 0.0
    ids: list[str] = field(default_factory=list)
    met: Counter[str] = field(default_factory=Counter)

    @property
    def right(self) -> bool:
        return self.result == color(self.number)


class Clients:
    """Asks for numbered pictures, so many at a time.

    Args:
        http: leads to the service.
        host: has the pictures.
        done: told of each as it is done.
        patience: seconds after which one gives up.
    """

    def __init__(
        self,
        http: httpx.AsyncClient,
        host: Host,
        done: Callable[[Asked], object],
        patience: float = PATIENCE,
    ) -> None:
        self._http = http
        self._host = host
        self._done = done
        self._patience = patience
        self.asked: list[Asked] = []

    async def all(self, numbers: Sequence[int], at_once: int) -> None:
        """Everybody; returns once each has its verdict, or has given up."""
        waiting = iter(numbers)

        async def one_after_the_other() -> None:
            for number in waiting:
                asked = Asked(number)
                await self._served(asked)
                self.asked.append(asked)
                self._done(asked)

        await asyncio.gather(*(one_after_the_other() for _ in range(at_once)))

    async def _served(self, asked: Asked) -> None:
        began = time.monotonic()
        try:
            async with asyncio.timeout(self._patience):
                while not (asked.result or asked.code):
                    await self._turn(asked)
        except TimeoutError:
            asked.code = "gave up"
        asked.seconds = time.monotonic() - began

    async def _turn(self, asked: Asked) -> None:
        try:
            answer = await self._ask(asked.number)
            body = answer.json()
        except (httpx.ConnectError, httpx.ConnectTimeout):
            asked.met["refused"] += 1
            await asyncio.sleep(PAUSE)
        except (httpx.TransportError, ValueError):
            asked.met["broken"] += 1
            await asyncio.sleep(PAUSE)
        else:
            await self._heard(asked, answer.status_code, body)

    async def _heard(self, asked: Asked, status: int, body: dict[str, Any]) -> None:
        if status == httpx.codes.OK:
            _end(asked, body["uuid"], body["result"])
            return
        error = body.get("error", {})
        job, code = error.get("job"), str(error.get("code", status))
        if job and code in ("shutting_down", "timed_out", "queue_unavailable"):
            asked.met[f"{code} with id"] += 1
            asked.ids.append(job)
            await self._fetch(asked, job)
        elif status in AGAIN:
            asked.met[f"{code}, asked again"] += 1
            await asyncio.sleep(PAUSE)
        else:
            asked.code = code

    async def _fetch(self, asked: Asked, job: str) -> None:
        while True:
            await asyncio.sleep(PAUSE)
            try:
                answer = await self._http.get(f"/jobs/{job}")
                body = answer.json()
            except (httpx.TransportError, ValueError):
                continue
            if body.get("status") == "succeeded":
                asked.met["fetched"] += 1
                _end(asked, job, body["result"])
                return
            if body.get("status") == "failed" or answer.status_code in (404, 410):
                asked.code = f"{body['error']['code']} when fetched"
                return

    async def _ask(self, number: int) -> httpx.Response:
        key = {"Idempotency-Key": f"soak-{number}"}
        if number % UPLOADED_EVERY:
            params = {"url": self._host.url(number)}
            return await self._http.get("/classify", params=params, headers=key)
        picture = self._host.pictures[color(number)]
        return await self._http.post("/classify", content=picture, headers=key)


def _end(asked: Asked, uuid: str, result: str) -> None:
    asked.uuid, asked.result = uuid, result
    if uuid not in asked.ids:
        asked.ids.append(uuid)
