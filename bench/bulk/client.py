"""A client of a bulk job that lives through whatever happens to the service."""

import asyncio
import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import httpx

PAUSE = 0.25  # seconds
ENDED = ("succeeded", "failed", "canceled", "expired")
AGAIN = {429, 503}

Told = Callable[[Mapping[str, Any]], object]


class Refused(Exception):
    """The service said no; the text is its own."""


class BulkClient:
    """Asks one service, again and again where it does not answer."""

    def __init__(self, http: httpx.AsyncClient) -> None:
        self._http = http
        self.again = 0

    async def submit(self, urls: Sequence[str], key: str) -> str:
        """The id of the bulk job of these URLs; asked again under the same key, it is the same one."""
        headers = {"Idempotency-Key": key}
        return str(
            (await self._document("POST", "/jobs", json=list(urls), headers=headers))["uuid"]
        )

    async def ended(self, uuid: str, told: Told) -> dict[str, Any]:
        """The job once it has ended and its results are there."""
        while True:
            found = await self._document("GET", f"/jobs/{uuid}")
            told(found)
            if found["status"] in ENDED and found.get("results"):
                return found
            await asyncio.sleep(PAUSE)

    async def results(self, uuid: str) -> list[dict[str, Any]]:
        """Its lines."""
        answer = await self._ask("GET", f"/jobs/{uuid}/results")
        return [json.loads(line) for line in answer.content.splitlines()]

    async def table(self, uuid: str) -> bytes:
        """Its Parquet file."""
        params = {"format": "parquet"}
        return (await self._ask("GET", f"/jobs/{uuid}/results", params=params)).content

    async def _document(self, method: str, path: str, **about: Any) -> dict[str, Any]:
        found: dict[str, Any] = (await self._ask(method, path, **about)).json()
        return found

    async def _ask(self, method: str, path: str, **about: Any) -> httpx.Response:
        while True:
            try:
                answer = await self._http.request(method, path, **about)
            except httpx.TransportError:
                answer = None
            if answer is not None and answer.is_success:
                return answer
            if answer is not None and answer.status_code not in AGAIN:
                raise Refused(answer.text)
            self.again += 1
            await asyncio.sleep(PAUSE)
