"""`python -m bench.start`: seconds from the command to the first answer, on a data folder of its own.

The first start of a folder makes queues, bucket and compiled model; the later ones find them. Asks for
the sample photo as the printed curl does, again and again from the first moment.
"""

import json
import re
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Annotated

import httpx
import typer

COMMAND = Path(sys.executable).with_name("classifycloud")
PRINTED = re.compile(r"pictures on (\S+)")
PATIENCE = 120.0


def first_answer(data: Path, port: int) -> float:
    """Start the service, ask until it answers, stop it again; seconds until the answer.

    Raises:
        TimeoutError: there was none within two minutes.
    """
    said = data / "up.out"
    with said.open("w") as sink:
        started = time.monotonic()
        running = subprocess.Popen(
            [str(COMMAND), "up", "--port", str(port), "--data", str(data)], stdout=sink
        )
        try:
            while not _answered(said.read_text(), port):
                if time.monotonic() - started > PATIENCE:
                    raise TimeoutError(f"no answer within {PATIENCE:.0f} s, see {data}/logs")
                time.sleep(0.02)
            return time.monotonic() - started
        finally:
            running.send_signal(signal.SIGINT)
            running.wait(PATIENCE)


def _answered(said: str, port: int) -> bool:
    samples = PRINTED.search(said)
    if samples is None:
        return False
    asked = {"url": f"http://{samples[1]}/coffee.jpg"}
    try:
        url = f"http://127.0.0.1:{port}/classify"
        answer = httpx.get(url, params=asked, timeout=PATIENCE, trust_env=False)
    except httpx.TransportError:
        return False
    return answer.status_code == 200


def main(
    starts: Annotated[int, typer.Option(min=2, help="how often to start")] = 4,
    port: Annotated[int, typer.Option(help="a free port")] = 8155,
    as_json: Annotated[bool, typer.Option("--json", help="figures as JSON")] = False,
) -> None:
    """Seconds from `classifycloud up` to the first answer."""
    with tempfile.TemporaryDirectory() as folder:
        seconds = []
        for number in range(1, starts + 1):
            seconds.append(round(first_answer(Path(folder), port), 2))
            if not as_json:
                print(f"start {number}: first answer after {seconds[-1]:.2f} s", flush=True)
    if as_json:
        print(json.dumps({"first": seconds[0], "later": seconds[1:]}))


if __name__ == "__main__":
    typer.run(main)
