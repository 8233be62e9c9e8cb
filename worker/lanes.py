"""What the lanes of an engine did: how long, and with how many pictures at a time."""

from worker.buckets import Buckets

SIZES = (1, 2, 4, 8, 16, 32, 64, 128)


class Lanes:
    """Counts batches. `core_seconds` is what they took of cores: n a second where n are always in use."""

    def __init__(self) -> None:
        self.core_seconds = 0.0
        self.sizes = Buckets(SIZES)

    def ran(self, pictures: int, seconds: float, cores: int) -> None:
        """A batch of so many pictures took so long on so many cores."""
        self.core_seconds += seconds * cores
        self.sizes.observe(pictures)
