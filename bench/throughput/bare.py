"""The engine by itself, in a process of its own: batches of ready pictures, one after the other."""

import asyncio
import json
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Pace:
    """`pictures` in so many `seconds`, with so many seconds of `cpu`."""

    pictures: int
    seconds: float
    cpu: float

    @property
    def per_second(self) -> float:
        return self.pictures / self.seconds


async def engine(bundle: Path, batch: int, seconds: float) -> Pace:
    """What the engine of this bundle does on all cores."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "bench.throughput.bare",
        str(bundle),
        str(batch),
        str(seconds),
        stdout=asyncio.subprocess.PIPE,
    )
    said, _ = await process.communicate()
    return Pace(**json.loads(said))


def run(folder: Path, batch: int, seconds: float) -> Pace:
    """Here and now; loading and warming up are not counted."""
    import numpy as np

    from classifier.bundle import Bundle
    from classifier.engines.openvino import OpenVinoEngine

    bundle = Bundle.load(folder)
    engine = OpenVinoEngine.load(bundle)
    side = bundle.manifest.preprocessing.side
    noise = np.random.default_rng(0).integers(0, 256, (batch, side, side, 3), dtype=np.uint8)
    for _ in range(3):
        engine.predict(noise)
    began, spent, done = time.perf_counter(), time.process_time(), 0
    while time.perf_counter() < began + seconds:
        engine.predict(noise)
        done += batch
    return Pace(done, time.perf_counter() - began, time.process_time() - spent)


if __name__ == "__main__":
    print(json.dumps(asdict(run(Path(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3])))))
