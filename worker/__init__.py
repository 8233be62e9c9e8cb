"""One worker: receive, fetch, decode, classify, store, reply, delete."""

import time

STARTED = time.monotonic()  # before the imports, which are most of a worker's boot
