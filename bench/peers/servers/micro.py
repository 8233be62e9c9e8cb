"""FastAPI with a micro-batcher of its own: whoever waits when the engine is free goes into the next batch."""

# mypy: disable-error-code="import-not-found,misc,untyped-decorator,attr-defined"
# These packages are in the environment of this peer only.

import asyncio
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import numpy as np
import uvicorn
from fastapi import FastAPI

from bench.peers.servers import engines
from bench.peers.servers.task import BATCH, PORT, decode, top


class Batcher:
    """Gathers pictures while the engine is busy."""

    def __init__(self) -> None:
        self._predict = engines.load()
        self._waiting: asyncio.Queue[tuple[Any, asyncio.Future[Any]]] = asyncio.Queue()
        self._engine = ThreadPoolExecutor(1)

    async def scores(self, picture: Any) -> Any:
        answer = asyncio.get_running_loop().create_future()
        self._waiting.put_nowait((picture, answer))
        return await answer

    async def run(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            batch = [await self._waiting.get()]
            while len(batch) < BATCH and not self._waiting.empty():
                batch.append(self._waiting.get_nowait())
            pictures = np.stack([picture for picture, _ in batch])
            scores = await loop.run_in_executor(self._engine, self._predict, pictures)
            for (_, answer), row in zip(batch, scores, strict=True):
                if not answer.done():
                    answer.set_result(row)


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    batcher = app.state.batcher = Batcher()
    running = asyncio.create_task(batcher.run())
    app.state.decoding = ThreadPoolExecutor(2)
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as app.state.http:
        yield
    running.cancel()


app = FastAPI(lifespan=lifespan)


@app.get("/classify")
async def classify(url: str) -> dict[str, Any]:
    async with app.state.http.get(url) as response:
        jpeg = await response.read()
    loop = asyncio.get_running_loop()
    picture = await loop.run_in_executor(app.state.decoding, decode, jpeg)
    return top(await app.state.batcher.scores(picture))


if __name__ == "__main__":
    uvicorn.run(app, host="127.0.0.1", port=PORT, access_log=False)
