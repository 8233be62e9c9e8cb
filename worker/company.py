"""How long an answer waits for others to share its call.

Every call to the queue costs, and the engine gives a few answers at a time. While a worker holds more
than the engine has in work, nobody is idle for a client that asks anew a little later; while it holds
less, any wait is the client's, and the engine's next batch is smaller by him.
"""

PATIENCE = 0.06  # seconds: two batches of the engine, at its pace on two cores
LEAST = 16
SHARE = 3


def patience(busy: int, most: int) -> float:
    """Seconds.

    Args:
        busy: pictures in hand that are not answered.
        most: how many there may be; about a third of them are in work when the engine is full.
    """
    return PATIENCE if busy >= max(LEAST, most // SHARE) else 0.0
