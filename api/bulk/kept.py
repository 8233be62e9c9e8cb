"""What is kept of a bulk job under `bulk/⟨id⟩/`, and under which keys.

manifest/⟨listing⟩/⟨piece⟩.jsonl   a line a row, in the client's order; before anything is enqueued
manifest/⟨listing⟩/refused.jsonl   outcomes of the rows that are never sent
job.json                 what it is, and which listing is its own; after that, before anything is enqueued
parts/⟨…⟩.jsonl          outcomes of rows, as they come; a row may be there twice
verdict.json             how it ended: see `wire.bulk`
results/⟨writing⟩.jsonl, .parquet   a line a row, once, in the manifest's order
summary.json             which writing of them counts, and what is in it; put once, after they are there
"""

from typing import Literal, Self

from pydantic import Field

from api.hooks.wish import Webhook
from wire.messages import Answer, ErrorBody, Job, Label, Message, Part

PIECE = (
    500  # rows of one piece of the manifest: fifty calls to the queue, well within a chore's time
)
MOST = 10_000  # rows

Format = Literal["jsonl", "parquet"]


class Row(Part):
    """A line of the manifest. `row` counts from 0; `id` is the client's own name for it, `was` its number in
    the bulk job of which it is tried again. What was `refused` by its text alone is never sent."""

    row: int
    url: str
    id: str | None = None
    was: int | None = None
    refused: ErrorBody | None = None


class BulkJob(Message):
    """job.json. `template` is what its rows' jobs have in common; times in seconds since the epoch.

    `listing` says which manifest is its: of two that are written under one id, one's job.json stands.
    `refused` counts the rows that are not sent. `retry_of` is the bulk job whose failed rows these are.
    """

    uuid: str
    listing: str
    rows: int = Field(ge=1)
    refused: int = 0
    template: Job
    client: str = ""
    group: str | None = None
    submitted: float
    until: float
    source: str | None = None
    retry_of: str | None = None
    webhook: Webhook | None = None

    @property
    def pieces(self) -> int:
        """Of its manifest."""
        return -(-self.rows // PIECE)

    def job(self, row: Row, uuid: str) -> Job:
        """One row's."""
        return self.template.model_copy(update={"uuid": uuid, "image_url": row.url})


class Outcome(Part):
    """A line of a part: what became of a row, `at` what time of the queue's clock."""

    row: int
    at: float
    result: str | None = None
    labels: tuple[Label, ...] = ()
    model: str | None = None
    model_version: str | None = None
    cached: bool = False
    error: ErrorBody | None = None

    @classmethod
    def of(cls, row: int, answer: Answer, at: float) -> Self:
        return cls(
            row=row,
            at=at,
            result=answer.result,
            labels=answer.labels,
            model=answer.model,
            model_version=answer.model_version,
            cached=answer.cached,
            error=answer.error,
        )

    @classmethod
    def failed(cls, row: int, error: ErrorBody, at: float = 0.0) -> Self:
        """A row that was never worked."""
        return cls(row=row, at=at, error=error)

    def line(self) -> str:
        """Its text."""
        return self.model_dump_json(by_alias=True, exclude_none=True)


class Summary(Message):
    """summary.json: which `writing` of the results counts, and what is in it. `finished` is the queue's time
    of the last outcome, None where nothing was worked; `sizes` are in bytes."""

    writing: str
    rows: int
    succeeded: int
    failed: int
    finished: float | None = None
    sizes: dict[Format, int]


def prefix(bulk: str) -> str:
    """All of it."""
    return f"bulk/{bulk}/"


def job_key(bulk: str) -> str:
    return f"bulk/{bulk}/job.json"


def piece_key(job: BulkJob, piece: int) -> str:
    return f"bulk/{job.uuid}/manifest/{job.listing}/{piece:05d}.jsonl"


def refusals_key(job: BulkJob) -> str:
    return f"bulk/{job.uuid}/manifest/{job.listing}/refused.jsonl"


def fed_key(bulk: str, piece: int) -> str:
    return f"bulk/{bulk}/fed/{piece:05d}"


def parts_prefix(bulk: str) -> str:
    return f"bulk/{bulk}/parts/"


def summary_key(bulk: str) -> str:
    return f"bulk/{bulk}/summary.json"


def results_key(bulk: str, writing: str, form: Format) -> str:
    return f"bulk/{bulk}/results/{writing}.{form}"
