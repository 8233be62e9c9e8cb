"""mosec: a stage of processes that fetch and decode, and a stage that predicts batches."""

# mypy: disable-error-code="import-not-found,misc,untyped-decorator,attr-defined"
# These packages are in the environment of this peer only.

from typing import Any

import httpx
import numpy as np
from mosec import Server, Worker

from bench.peers.servers import engines
from bench.peers.servers.task import BATCH, decode, top

ROUTE = "/classify"


class Fetch(Worker):
    def __init__(self) -> None:
        self.http = httpx.Client(trust_env=False, timeout=60)

    def forward(self, data: dict[str, str]) -> Any:
        return decode(self.http.get(data["url"]).content)


class Classify(Worker):
    def __init__(self) -> None:
        self.predict = engines.load()

    def forward(self, data: list[Any]) -> list[dict[str, Any]]:
        return [top(row) for row in self.predict(np.stack(data))]


if __name__ == "__main__":
    server = Server()
    server.append_worker(Fetch, num=2, route=ROUTE)
    server.append_worker(Classify, num=1, max_batch_size=BATCH, max_wait_time=10, route=ROUTE)
    server.run()
