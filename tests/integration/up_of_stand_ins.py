"""`up` with small parts in place of the real ones: `python up_of_stand_ins.py DATA NAME=BEHAVIOR…`.

Run as a program by test_up.py, which sends it signals. A part writes `NAME stopped` into DATA/events
when it is asked to stop. Behaviors: good; stubborn (ignores SIGTERM); short (dies at once);
parent (starts a child in a session of its own, as the balancer does with workers).
"""

import asyncio
import os
import sys
from pathlib import Path

from local.up.console import Console
from local.up.errors import UpError
from local.up.lock import locked
from local.up.parts import Part, Ready
from local.up.ports import free
from local.up.serve import House, clear, serve
from local.up.watch import everything

PART = """
import http.server, pathlib, signal, subprocess, sys
name, port, events, behavior = sys.argv[1:]
if behavior == "short":
    sys.exit("this part cannot run")
if behavior == "parent":
    sleeper = [sys.executable, "-c", "import time; time.sleep(600)"]
    subprocess.Popen(sleeper, start_new_session=True)
def stop(*_):
    with open(events, "a") as file:
        file.write(name + " stopped\\n")
    if behavior != "stubborn":
        sys.exit(0)
signal.signal(signal.SIGTERM, stop)
print("serving", flush=True)
http.server.HTTPServer(("127.0.0.1", int(port)), http.server.SimpleHTTPRequestHandler).serve_forever()
"""


def stand_in(name: str, behavior: str, port: int, events: Path, after: tuple[str, ...]) -> Part:
    command = (sys.executable, "-c", PART, name, str(port), str(events), behavior)
    ready = Ready(f"http://127.0.0.1:{port}/")
    return Part(name, command, ready, after=after, grace=1.0, shown=f"port {port}")


def main() -> None:
    data = Path(sys.argv[1]).resolve()
    for folder in ("run", "logs"):
        (data / folder).mkdir(parents=True, exist_ok=True)
    described = [argument.partition("=") for argument in sys.argv[2:]]
    last = described[-1][0]
    parts = tuple(
        stand_in(name, behavior, port, data / "events", () if name == last else (last,))
        for (name, _, behavior), port in zip(described, free(), strict=False)
    )
    console = Console()
    try:
        with locked(data):
            clear(data, console)
            house = House(parts, dict(os.environ), data, "everything runs", everything)
            asyncio.run(serve(house, console))
    except UpError as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
