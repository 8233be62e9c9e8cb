"""Lines of the journal, as `journalctl --output=json` tells them. Pure.

Format: systemd's JOURNAL_EXPORT_FORMATS, "Journal JSON Format".
"""

import json
from dataclasses import dataclass
from typing import Any

UNITS = "classifycloud-"
LONGEST = 200_000  # bytes of one event; CloudWatch Logs took 256 KiB for long
OVERHEAD = 26  # bytes that each event counts for beside its text; PutLogEvents, API reference


@dataclass(frozen=True, slots=True)
class Line:
    """One line. `at` is in milliseconds since the epoch, `process` is worker, api, balancer or queue."""

    process: str
    at: int
    text: str
    cursor: str

    @property
    def size(self) -> int:
        """Bytes that it counts for."""
        return len(self.text.encode()) + OVERHEAD


def read(entry: str) -> Line | None:
    """One entry; None for what is no line of ours."""
    try:
        fields = json.loads(entry)
        unit = str(fields.get("_SYSTEMD_UNIT") or fields.get("UNIT") or "")
        at, cursor = int(fields["__REALTIME_TIMESTAMP"]) // 1000, str(fields["__CURSOR"])
    except (ValueError, KeyError, AttributeError):
        return None
    text = _text(fields.get("MESSAGE"))
    if not unit.startswith(UNITS) or not text:
        return None
    return Line(unit.removeprefix(UNITS).removesuffix(".service"), at, text, cursor)


def _text(message: Any) -> str:
    # Bytes that are no text come as a list of numbers.
    found = bytes(message).decode(errors="replace") if isinstance(message, list) else message or ""
    return str(found).encode()[:LONGEST].decode(errors="ignore").strip()
