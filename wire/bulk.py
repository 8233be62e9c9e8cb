"""What front ends and workers agree on about bulk jobs: names, and the word that ends one.

A bulk job's rows are jobs of their own; each one's id says whose row it is and which. So a row that is
sent twice is the same job, and whoever has an answer knows where it belongs.
"""

import hashlib
import re
import secrets
from typing import Literal
from uuid import UUID

from wire.messages import Message

BULK_ID = re.compile(r"bulk-[0-9a-f]{32}")
_ROW_ID = re.compile(r"(bulk-[0-9a-f]{32})-([0-9]{1,6})")

Ending = Literal["succeeded", "failed", "canceled", "expired", "deleted"]


class Verdict(Message):
    """bulk/⟨id⟩/verdict.json: how a bulk job ended. Put once: whoever comes second takes what stands.

    Only `deleted` may replace another one. A row that a worker finds after it is answered unworked.
    """

    state: Ending


def fresh_id() -> str:
    """An id that nobody guesses: 128 random bits."""
    return f"bulk-{secrets.token_hex(16)}"


def id_of(uuid: str) -> str:
    """The id of the bulk job that a UUID stands for."""
    return f"bulk-{UUID(uuid).hex}"


def retry_id(bulk: str) -> str:
    """The id of the bulk job that tries the failed rows of this one again."""
    return f"bulk-{hashlib.sha256(f'retry of {bulk}'.encode()).hexdigest()[:32]}"


def is_bulk(uuid: str) -> bool:
    """Whether an id is a bulk job's, or a row's of one."""
    return uuid.startswith("bulk-")


def row_id(bulk: str, row: int) -> str:
    """The id of the job that is one row, counted from 0."""
    return f"{bulk}-{row}"


def row_of(uuid: str) -> tuple[str, int] | None:
    """Whose row a job is, and which; None for a job that is none."""
    found = _ROW_ID.fullmatch(uuid)
    return None if found is None else (found[1], int(found[2]))


def verdict_key(bulk: str) -> str:
    """How it ended, once it has."""
    return f"bulk/{bulk}/verdict.json"
