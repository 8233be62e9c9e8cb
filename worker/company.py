"""How long an answer waits for others to share its call.

Every call to the queue costs, and the engine gives a few answers at a time. While a worker holds more
than the engine has in work, nobody is idle for a client that asks anew a little later; while it holds
less, any wait is the client's, and the engine's next batch is smaller by him. Unless so many come that they
are many clients': a large worker that is not full answers a call's worth within the patience as well.
"""

from wire.rush import Rush

# Seconds. A call's worth of answers within as many is more than a handful of clients can ask for; two cores
# of the quicker kind give as many.
PATIENCE = 0.1
LEAST = 16
SHARE = 3


class Company:
    """What one worker answers; times in seconds, by any clock that does not go back."""

    def __init__(self) -> None:
        self._rush = Rush(PATIENCE, PATIENCE)

    def patience(self, busy: int, most: int, now: float) -> float:
        """Seconds that the answer which is ready now waits.

        Args:
            busy: pictures in hand that are not answered.
            most: how many there may be; about a third of them are in work when the engine is full.
        """
        quick = self._rush.patience(now)
        if busy >= max(LEAST, most // SHARE):
            return PATIENCE
        return quick if busy >= LEAST else 0.0
