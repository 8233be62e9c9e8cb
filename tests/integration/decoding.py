"""Decoders for a test, and the picture that all of them know."""

import numpy as np
import psutil
import pytest

from classifier.limits import ImageLimits
from classifier.manifest import Preprocessing
from classifier.preprocess import prepare
from local.samples import FOLDER
from worker.decoder.jail import Terms
from worker.decoder.pool import Bounds, Decoders

SPEC = Preprocessing(side=64, resize=64)
COFFEE = (FOLDER / "coffee.jpg").read_bytes()
LIMITS = ImageLimits()
SECRETS = {"AWS_SECRET_ACCESS_KEY": "open-sesame", "CLASSIFYCLOUD_BUCKET": "open-sesame"}


@pytest.fixture
async def decoders(request, monkeypatch):
    for name, value in SECRETS.items():
        monkeypatch.setenv(name, value)
    wanted = {"places": 2, "memory": 2**30, "seconds": 30.0, "cpu": None, "limits": LIMITS}
    wanted |= getattr(request, "param", {})
    bounds = Bounds(wanted["limits"], wanted["seconds"], wanted["cpu"])
    made = Decoders(wanted["places"], Terms(wanted["memory"]), bounds)
    await made.open()
    yield made
    nursery = made.nursery
    made.close()
    assert not psutil.pid_exists(nursery)


def having(**wanted):
    return pytest.mark.parametrize("decoders", [wanted], indirect=True)


def good(picture):
    return np.array_equal(picture, prepare(COFFEE, SPEC, LIMITS))
