"""How far a bulk job is, as its client reads it."""

from typing import Literal

from pydantic import Field

from api.bulk.kept import BulkJob, Format, Summary
from api.bulk.tally import Tally
from wire.bulk import Verdict
from wire.messages import Part

ENDED = ("succeeded", "failed", "canceled", "expired")
State = Literal["queued", "running", "succeeded", "failed", "canceled", "expired"]


class BulkStatus(Part):
    """A bulk job. It has succeeded once every row has its outcome, `failed` if none of them is a success.

    `rate` is in rows a second, over the last minute; `estimate` is in seconds until all are done. Times are
    in seconds since the epoch. `results` are the formats to be had.
    """

    uuid: str
    status: State
    rows: int
    done: int
    succeeded: int
    failed: int
    rate: float | None = None
    estimate: float | None = None
    submitted_at: float
    expires_at: float
    source: str | None = Field(
        default=None, description="the s3:// prefix whose pictures these are"
    )
    retry_of: str | None = Field(
        default=None, description="the bulk job whose failed rows these are"
    )
    results: tuple[Format, ...] = ()


def under_way(job: BulkJob, tally: Tally, estimate: float | None = None) -> BulkStatus:
    """Of a job that has not ended; the estimate is for one whose own pace is not known yet."""
    left = tally.seconds_left()
    return BulkStatus(
        uuid=job.uuid,
        status="running" if tally.done > job.refused else "queued",
        rows=job.rows,
        done=tally.done,
        succeeded=tally.succeeded,
        failed=tally.failed,
        rate=tally.rate(),
        estimate=estimate if left is None else left,
        submitted_at=round(job.submitted, 3),
        expires_at=round(job.until, 3),
        source=job.source,
        retry_of=job.retry_of,
    )


def ended(job: BulkJob, verdict: Verdict, summary: Summary | None, tally: Tally) -> BulkStatus:
    """Of one that has; its results may still be being written."""
    status = under_way(job, tally)
    told: dict[str, object] = {"status": verdict.state, "rate": None, "estimate": None}
    if summary is not None:
        told |= {"done": job.rows, "succeeded": summary.succeeded, "failed": summary.failed}
        told["results"] = tuple(summary.sizes)
    return status.model_copy(update=told)
