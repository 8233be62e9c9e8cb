"""Which asynchronous jobs are in a worker's hands: what `GET /jobs` calls running."""

from wire.messages import Message

# Seconds. What lasts no longer is nobody's news, and a job mostly lasts less: then nothing is written at all.
MOMENT = 1.0
# Written again for as long as it holds, so that one that was killed is not believed for ever.
RENEWED = 10.0
STALE = 2.5 * RENEWED


class InHand(Message):
    """state/working/: ids of the jobs that one worker has had in hand for a moment."""

    jobs: tuple[str, ...]
