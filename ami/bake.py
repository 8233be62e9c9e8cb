"""`python -m ami.bake`: have the engine compile every bundle of the image, so that no boot has to.

What the engine keeps holds for machines with any number of cores; for another kind of CPU it may compile
anew.
"""

import argparse
import sys
import time
from pathlib import Path

import numpy as np

from classifier.bundle import Bundle
from classifier.catalog import Catalog
from classifier.engines.openvino import OpenVinoEngine


def main() -> int:
    """Compile; a line each."""
    options = _parser().parse_args()
    catalog = Catalog(options.models)
    for name in catalog.names():
        for version in catalog.versions(name):
            seconds = compiled(catalog.find(name, version), options.cache)
            print(f"{name} {version} compiled in {seconds:.1f} s", flush=True)
    return 0


def compiled(bundle: Bundle, cache: Path) -> float:
    """Both ways in which a worker runs the network; the seconds that took."""
    began = time.monotonic()
    side = bundle.manifest.preprocessing.side
    engine = OpenVinoEngine.load(bundle, cache=cache)
    engine.predict(np.zeros((1, side, side, 3), np.uint8))
    return time.monotonic() - began


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m ami.bake")
    parser.add_argument("--models", type=Path, required=True, help="folder of bundles")
    parser.add_argument("--cache", type=Path, required=True, help="CLASSIFYCLOUD_CACHE of workers")
    return parser


if __name__ == "__main__":
    sys.exit(main())
