"""What a simulation takes for granted about workers, their failures and their price."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class World:
    """Times in seconds, rates per hour of one worker, prices in dollars an hour.

    A worker takes up to `batch` pictures at once, n of them in `batch_overhead` + n * `service_seconds`.
    They are simulated one after the other, at the pace that the backlog of the moment allows. A worker
    holds up to `prefetch` messages: those beside the one it works at are finished or lost with it, but
    do not wait behind it.

    A boot takes `boot_seconds`, up to the share `boot_jitter` more or less, and fails with the probability
    `boot_failure_rate`: such a worker is ended when it is late, after `boot_grace` at the latest. A
    `standby` of so many stopped instances is launched first, in `standby_boot_seconds`; each costs
    `stopped_hourly`, and another boot to replace it. A spot interruption is a notice, `spot_notice` before
    the end; the worker drains. A crash is a kill -9: what the worker held shows again after `visibility`.
    A drained worker is killed after `stop_grace`.

    A worker is paid from launch until it is gone, for `paid_minute` at least, and takes no terminate
    message before. `report_lag` is the age of what is known of arrivals, None for half a tick.
    `initial_workers` are ready at the start; None for as many as the limits want, and one at least.
    What happens in the first `warm_up`, up to the next tick, is neither counted nor billed; of the pictures
    those count that were sent after it.

    Raises:
        ValueError: a figure that cannot be; the text names it.
    """

    boot_seconds: float = 45.0
    service_seconds: float = 1.0
    batch: int = 1
    batch_overhead: float = 0.0
    prefetch: int = 1
    boot_jitter: float = 0.0
    boot_failure_rate: float = 0.0
    boot_grace: float = 120.0
    spot_interruptions_per_hour: float = 0.0
    spot_notice: float = 120.0
    crash_rate_per_hour: float = 0.0
    visibility: float = 30.0
    stop_grace: float = 60.0
    terminate_valid: float = 5.0
    look_after: int = 5
    look_every: float = 20.0
    hourly_price: float = 0.10
    paid_minute: float = 60.0
    standby: int = 0
    standby_boot_seconds: float = 1.0
    stopped_hourly: float = 0.001
    report_lag: float | None = None
    initial_workers: int | None = None
    warm_up: float = 0.0
    seed: int = 0

    def __post_init__(self) -> None:
        for name in ("service_seconds", "batch", "prefetch", "look_after"):
            if getattr(self, name) <= 0:
                raise ValueError(f"{name}={getattr(self, name)}: must be above 0")
        for name in (
            "boot_seconds", "batch_overhead", "crash_rate_per_hour", "paid_minute", "warm_up",
        ):  # fmt: skip
            if getattr(self, name) < 0:
                raise ValueError(f"{name}={getattr(self, name)}: must not be below 0")
        for name in ("boot_jitter", "boot_failure_rate"):
            if not 0 <= getattr(self, name) <= 1:
                raise ValueError(f"{name}={getattr(self, name)}: must be between 0 and 1")

        if self.visibility < self.terminate_valid:
            raise ValueError(
                f"visibility={self.visibility}: must not be below terminate_valid={self.terminate_valid}"
            )

    def check(self, duration: float) -> None:
        """Refuse a trace of so many seconds when nothing of it would be counted.

        Raises:
            ValueError: it is over before the warm-up is.
        """
        if self.warm_up and self.warm_up >= duration:
            raise ValueError(
                f"warm_up={self.warm_up:g}: the trace is over after {duration:g} s, "
                "so that nothing would be counted; a shorter warm-up, or a longer trace"
            )

    @property
    def full_batch_seconds(self) -> float:
        """Seconds of one worker for one picture when there is enough to do."""
        return self.service_seconds + self.batch_overhead / self.batch

    def given_up(self, measured: float | None) -> float:
        """Seconds after which a boot is late, as in balancer/patience.py; `measured` is what boots take."""
        if measured is None:
            return self.boot_grace
        return min(self.boot_grace, max(3 * measured, measured + 30))

    def seconds(self, waiting: int, workers: int) -> float:
        """Seconds of one worker for one picture when so many wait: batches are as full as that allows."""
        if not self.batch_overhead:
            return self.service_seconds
        share = waiting / workers if workers else 1.0
        return self.service_seconds + self.batch_overhead / min(max(share, 1.0), self.batch)
