"""LitServe with dynamic batching; `batch` is where its documentation puts what is done for a whole batch."""

# mypy: disable-error-code="import-not-found,misc,untyped-decorator,attr-defined"
# These packages are in the environment of this peer only.

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import litserve
import numpy as np

from bench.peers.servers import engines
from bench.peers.servers.task import BATCH, PORT, decode, top


class Classifier(litserve.LitAPI):
    def setup(self, device: str) -> None:  # noqa: ARG002
        self.predict_all = engines.load()
        self.http = httpx.Client(trust_env=False, timeout=60)
        self.threads = ThreadPoolExecutor(BATCH)

    def decode_request(self, request: dict[str, str]) -> str:
        return request["url"]

    def batch(self, inputs: list[str]) -> Any:
        return np.stack(list(self.threads.map(self._picture, inputs)))

    def predict(self, x: Any) -> Any:
        return self.predict_all(x)

    def unbatch(self, output: Any) -> list[Any]:
        return list(output)

    def encode_response(self, output: Any) -> dict[str, Any]:
        return top(output)

    def _picture(self, url: str) -> Any:
        return decode(self.http.get(url).content)


if __name__ == "__main__":
    api = Classifier(max_batch_size=BATCH, batch_timeout=0.01, api_path="/classify")
    server = litserve.LitServer(api, accelerator="cpu", workers_per_device=1, timeout=100)
    server.run(host="127.0.0.1", port=PORT, generate_client_file=False, log_level="warning")
