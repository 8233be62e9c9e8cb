"""`python -m ami.accept`: the whole service on this very image, and a known picture, or no image.

Every process of ours starts as it will on an instance, decoders in their jail included; AWS is our own local
endpoint. Nothing is downloaded, and nothing compiled: the engine must find what was baked.
"""

import argparse
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

READY = re.compile(r"ClassifyCloud runs at (http://\S+)")
PATIENCE = 120.0  # seconds until the service runs; a fresh volume of EC2 reads slowly
ANSWER = 60.0  # seconds until the picture has its label
STOPPING = 60.0


class Unacceptable(Exception):
    """The image is not what it should be; the text says why."""


def main() -> int:
    """0 where the picture gets its label."""
    options = _parser().parse_args()
    try:
        accept(options.picture, options.label, options.cache)
    except Unacceptable as error:
        print(f"the image is not accepted: {error}", file=sys.stderr)
        return 1
    return 0


def accept(picture: Path, label: str, cache: Path) -> None:
    """Classify it; raises Unacceptable."""
    baked = networks(cache)
    if not baked:
        raise Unacceptable(f"{cache} holds no compiled network")
    with service() as url:
        began = time.monotonic()
        found = classified(url, picture)
        seconds = time.monotonic() - began
    if found != label:
        raise Unacceptable(f"{picture.name} is {label!r}, and the service says {found!r}")
    if fresh := networks(cache) - baked:
        raise Unacceptable(f"a worker compiled its network anew: {', '.join(sorted(fresh))}")
    print(f"accepted: {picture.name} is {found!r}, {seconds:.2f} s", flush=True)


def networks(cache: Path) -> set[str]:
    """Names of what the engine keeps."""
    return {path.name for path in cache.glob("*.blob")}


@contextmanager
def service() -> Iterator[str]:
    """Its URL, while it runs."""
    with tempfile.TemporaryDirectory() as folder:
        said = Path(folder) / "said"
        with said.open("w") as sink:
            command = [sys.executable, "-P", "-m", "cli.main", "up", "--port", "0"]
            process = subprocess.Popen(
                [*command, "--data", f"{folder}/data"],
                stdout=sink,
                stderr=subprocess.STDOUT,
                env={**os.environ, "HOME": folder},
            )
        try:
            yield _url(process, said)
        finally:
            _stop(process)


def classified(url: str, picture: Path) -> str:
    """The best label."""
    with picture.open("rb") as file:
        answer = httpx.post(f"{url}/classify", files={"file": file}, timeout=ANSWER)
    if answer.status_code != 200:
        raise Unacceptable(f"{picture.name} was answered with {answer.status_code}: {answer.text}")
    return str(answer.json()["result"])


def _url(process: "subprocess.Popen[bytes]", said: Path) -> str:
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end and process.poll() is None:
        if found := READY.search(said.read_text()):
            return found[1]
        time.sleep(0.1)
    raise Unacceptable(f"the service does not start:\n{said.read_text()}")


def _stop(process: "subprocess.Popen[bytes]") -> None:
    process.send_signal(signal.SIGINT)
    try:
        process.wait(STOPPING)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
        raise Unacceptable(f"the service does not stop within {STOPPING:g} s") from None


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m ami.accept")
    parser.add_argument("--picture", type=Path, required=True)
    parser.add_argument("--label", required=True, help="what the service must say of it")
    parser.add_argument("--cache", type=Path, required=True, help="CLASSIFYCLOUD_CACHE of workers")
    return parser


if __name__ == "__main__":
    sys.exit(main())
