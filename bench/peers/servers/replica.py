"""Ray Serve: one replica behind FastAPI, batches by `serve.batch`."""

# mypy: disable-error-code="import-not-found,misc,untyped-decorator,attr-defined"
# These packages are in the environment of this peer only.

import asyncio
import signal
import tempfile
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import aiohttp
import numpy as np
import ray
from fastapi import FastAPI
from ray import serve

from bench.peers.servers.task import BATCH, PORT, decode, top

app = FastAPI()


@serve.deployment(num_replicas=1, max_ongoing_requests=100, ray_actor_options={"num_cpus": 2})
@serve.ingress(app)
class Classifier:
    def __init__(self) -> None:
        from bench.peers.servers import engines

        self.predict = engines.load()
        self.http = aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0))
        self.decoding = ThreadPoolExecutor(2)

    @serve.batch(max_batch_size=BATCH, batch_wait_timeout_s=0.01)
    async def scores(self, pictures: list[Any]) -> list[Any]:
        return list(await asyncio.to_thread(self.predict, np.stack(pictures)))

    @app.get("/classify")
    async def classify(self, url: str) -> dict[str, Any]:
        async with self.http.get(url) as response:
            jpeg = await response.read()
        loop = asyncio.get_running_loop()
        picture = await loop.run_in_executor(self.decoding, decode, jpeg)
        return top(await self.scores(picture))


def main() -> None:
    ended = threading.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, lambda *_: ended.set())
    ray.init(include_dashboard=False, _temp_dir=tempfile.gettempdir(), log_to_driver=False)
    serve.start(http_options={"host": "127.0.0.1", "port": PORT})
    serve.run(Classifier.bind())
    ended.wait()
    ray.shutdown()


if __name__ == "__main__":
    main()
