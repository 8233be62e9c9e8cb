"""`python -m local.samples --port P [--dir DIR]`: serve the sample photos until SIGTERM."""

import argparse
import signal
import sys
from pathlib import Path
from threading import Thread

from local.samples import FOLDER
from local.samples.server import NoPhotos, PhotoServer, photos_in


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m local.samples", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="port on 127.0.0.1; a free one if 0")
    parser.add_argument("--dir", type=Path, default=FOLDER, help="folder of pictures")
    arguments = parser.parse_args()
    try:
        server = PhotoServer(photos_in(arguments.dir), arguments.port)
    except (NoPhotos, OSError) as error:
        sys.stderr.write(f"samples cannot be served: {error}\n")
        return 1
    # shutdown() waits for the serving loop, which this very thread runs; hence the other thread.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: Thread(target=server.shutdown).start())
    sys.stderr.write(f"serving {len(server.photos)} pictures on http://{server.address}\n")
    with server:
        server.serve_forever(poll_interval=0.1)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
