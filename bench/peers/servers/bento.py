"""BentoML with adaptive batching, its batch fetched by one loop and decoded by threads."""

# mypy: disable-error-code="import-not-found,misc,untyped-decorator,attr-defined"
# These packages are in the environment of this peer only.

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import aiohttp
import bentoml
import numpy as np

from bench.peers.servers import engines
from bench.peers.servers.task import BATCH, decode, top


@bentoml.service(workers=1, traffic={"timeout": 100})
class Classifier:
    def __init__(self) -> None:
        self.predict = engines.load()
        self.decoding = ThreadPoolExecutor(2)
        self.http: aiohttp.ClientSession | None = None

    @bentoml.api(batchable=True, max_batch_size=BATCH, route="/classify")
    async def classify(self, urls: list[str]) -> list[dict[str, Any]]:
        pictures = await asyncio.gather(*map(self._picture, urls))
        scores = await asyncio.to_thread(self.predict, np.stack(pictures))
        return [top(row) for row in scores]

    async def _picture(self, url: str) -> Any:
        if self.http is None:
            self.http = aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0))
        async with self.http.get(url) as response:
            jpeg = await response.read()
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self.decoding, decode, jpeg)
