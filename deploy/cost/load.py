"""What is asked of the service. What was not measured is assumed, and says so."""

from dataclasses import dataclass

MONTH_HOURS = 730.0  # AWS's month
DAYS = MONTH_HOURS / 24
HOUR = 3600.0


@dataclass(frozen=True, slots=True)
class Load:
    """A day's pictures.

    Args:
        pictures_a_day: asked for one by one, by clients on the Internet, of pictures on the Internet.
        utilization: the share of the time workers are paid for in which they work. Assumed: boots, the last
            minute before they leave and what the policy keeps spare.
        requests_per_connection: of a client, before it connects anew. Assumed.
        record_days: for which the record of each picture is kept.
        log_share: of the pictures whose success is logged; failures always are.
        failures: share of the pictures that end in an error, which is told in the logs. Assumed.
        sqs_calls: of a picture; as measured at its rate when None.
    """

    pictures_a_day: float
    utilization: float = 0.8
    requests_per_connection: float = 10.0
    record_days: float = 90.0
    log_share: float = 0.0
    failures: float = 0.01
    sqs_calls: float | None = None

    @property
    def a_second(self) -> float:
        """The day's mean."""
        return self.pictures_a_day / 24 / HOUR

    @property
    def a_month(self) -> float:
        """Pictures."""
        return self.pictures_a_day * DAYS
