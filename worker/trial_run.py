"""`python -m worker.trial_run`: loads a model, looks at one picture, ends. May die of it: see `worker.trial`.

Reads a line of JSON (folder, count, sieve, layer, shape) and the picture's bytes, uint8; writes `loaded` once
the model is, then a line of JSON, `labels` or `fault`.
"""

import json
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

from wire.messages import Label
from wire.settings import WorkerSettings, load
from wire.sieve import Sieve
from worker.bundled import BundleLoader
from worker.models import Picture, Wanted
from worker.trial import LOADED, LOADING, PREDICTING

Look: TypeAlias = Callable[[Picture], tuple[Label, ...]]


def main() -> None:
    """Try one picture."""
    # Whoever asked may be killed meanwhile, and a hung thread heeds no request: the kernel does.
    signal.alarm(int(LOADING + PREDICTING) + 1)
    import numpy as np

    order = json.loads(sys.stdin.buffer.readline())
    shape = order["shape"]
    picture = np.frombuffer(sys.stdin.buffer.read(), np.uint8).reshape(shape)
    folder = Path(order["folder"])
    sieve = None if order["sieve"] is None else Sieve.model_validate(order["sieve"])
    wanted = Wanted(order["count"], sieve)
    look = _through(folder, order["layer"]) if order["layer"] else _labels(folder, wanted)
    _say(LOADED)
    try:
        labels = look(picture)
        verdict: dict[str, object] = {
            "labels": [label.model_dump(by_alias=True) for label in labels]
        }
    except Exception as error:
        verdict = {"fault": repr(error)}
    _say(json.dumps(verdict).encode() + b"\n")


def _labels(folder: Path, wanted: Wanted) -> Look:
    settings = load(WorkerSettings)
    loader = BundleLoader(settings.models, settings.model, 1, settings.cache, settings.engine)
    model = loader.at(folder)
    return lambda picture: model.classify([picture], [wanted])[0]


def _through(folder: Path, layer: str) -> Look:
    from classifier.bundle import Bundle
    from classifier.engines import layer_shelf

    engine = layer_shelf.load(Bundle.load(folder))

    def look(picture: Picture) -> tuple[Label, ...]:
        engine.activation(picture, layer)
        return ()

    return look


def _say(line: bytes) -> None:
    sys.stdout.buffer.write(line)
    sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()
