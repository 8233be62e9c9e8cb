"""Cold starts: a burst of requests that finds no worker, or nothing at all yet."""
