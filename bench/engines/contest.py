"""One contender in a process of its own: `python -m bench.engines.contest NAME BUNDLE LARGEST`.

Says `{"load_seconds": ...}` when it is warm; then answers each line of stdin, `BATCH SECONDS`, with a cell.
"""

import json
import sys
import threading
import time
from dataclasses import asdict
from pathlib import Path

import numpy as np

from bench.engines.contenders import CONTENDERS, Way
from bench.engines.table import Cell
from classifier.bundle import Bundle


def measure(way: Way, side: int, batch: int, seconds: float) -> Cell:
    """Batches of noise, one after the other, for so long; the first of each caller is not counted."""
    noise = np.random.default_rng(0).integers(0, 256, (batch, side, side, 3), dtype=np.uint8)
    done = [0] * way.callers
    for _ in range(2):
        way.predict(noise)
    began, spent = time.perf_counter(), time.process_time()

    def call(at: int) -> None:
        while time.perf_counter() < began + seconds:
            way.predict(noise)
            done[at] += batch

    callers = [threading.Thread(target=call, args=(at,)) for at in range(way.callers)]
    for caller in callers:
        caller.start()
    for caller in callers:
        caller.join()
    return Cell(sum(done), time.perf_counter() - began, time.process_time() - spent)


def main(name: str, folder: Path, largest: int) -> None:
    """Load, then measure what is asked for until stdin ends."""
    began = time.perf_counter()
    bundle = Bundle.load(folder)
    way = CONTENDERS[name].load(bundle, largest)
    print(json.dumps({"load_seconds": time.perf_counter() - began}), flush=True)
    side = bundle.manifest.preprocessing.side
    for line in sys.stdin:
        batch, seconds = line.split()
        print(json.dumps(asdict(measure(way, side, int(batch), float(seconds)))), flush=True)


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]))
