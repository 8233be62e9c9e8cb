"""How `classifycloud dlq` shows messages. What strangers wrote is escaped: it may hold control characters."""

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from wire.dead_letters import Letter

if TYPE_CHECKING:
    from wire.messages import Answer
    from wire.records import Record

SHOWN = 2000  # characters of a body that is no job
UNDECODABLE = (
    "No worker can read it, so that it is not sent again: find out who wrote it into the queue "
    "(another version of the service?), then remove it with `classifycloud dlq purge {id}`."
)


def as_row(letter: Letter) -> dict[str, Any]:
    """A message for --json."""
    row = {
        "id": letter.id,
        "message": letter.received.message_id,
        "kind": letter.kind,
        "url": letter.url,
        "age": round(letter.received.age, 1),
        "receives": letter.looks,
    }
    return row | ({"fault": letter.fault} if letter.fault else {})


def listed(letters: Sequence[Letter], waiting: int) -> str:
    """Columns, and how many more there are."""
    head = ("id", "kind", "age", "receives", "url")
    rows = [
        (_plain(each.id), each.kind, span(each.received.age), str(each.looks), _plain(each.url))
        for each in letters
    ]
    widths = [max(len(row[at]) for row in [head, *rows]) for at in range(len(head))]
    lines = [
        "  ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)).rstrip()
        for row in [head, *rows]
    ]
    if waiting > len(letters):
        lines.append(f"About {waiting - len(letters):,} more: --limit shows further ones.")
    return "\n".join(lines)


def told(letter: Letter, verdict: "Answer | None", record: "Record | None", picture: str) -> str:
    """Everything known of one message."""
    received = letter.received
    lines = [
        f"{letter.kind} {_plain(letter.id)}",
        f"  message   {received.message_id}, {len(received.body.encode()):,} bytes, "
        f"here for {span(received.age)}, received here {letter.looks} times before",
    ]
    if letter.job is None:
        body = _plain(received.body[:SHOWN])
        more = "" if len(received.body) <= SHOWN else f" … of {len(received.body):,} characters"
        lines += [f"  fault     {_plain(letter.fault)}", f"  body      {body}{more}"]
        lines.append(UNDECODABLE.format(id=received.message_id))
        return "\n".join(lines)
    lines += [
        f"  picture   {picture}",
        f"  answer    {_outcome(verdict) or 'none is kept under its id'}",
        f"  record    {_recorded(record)}",
        json.dumps(json.loads(received.body), indent=2),
    ]
    return "\n".join(lines)


def as_document(
    letter: Letter, verdict: "Answer | None", record: "Record | None", picture: str
) -> dict[str, Any]:
    """The same for --json; `body` is the message's own text."""
    return as_row(letter) | {
        "bytes": len(letter.received.body.encode()),
        "body": letter.received.body,
        "picture": picture,
        "answer": None if verdict is None else verdict.public(),
        "record": None if record is None else json.loads(record.encode()),
    }


def span(seconds: float) -> str:
    """A time as people say it: its two greatest units."""
    whole = int(seconds)
    parts = [(whole // 86400, "d"), (whole // 3600 % 24, "h"), (whole // 60 % 60, "min")]
    parts.append((whole % 60, "s"))
    first = next((at for at, (count, _) in enumerate(parts) if count), 3)
    return " ".join(f"{count} {unit}" for count, unit in parts[first : first + 2])


def _outcome(answer: "Answer | None") -> str:
    if answer is None:
        return ""
    return f"error {answer.error.code}" if answer.error else f"{answer.result}"


def _recorded(record: "Record | None") -> str:
    return (
        "none in that hour" if record is None else f"{_outcome(record)}, at {record.at:%F %T} UTC"
    )


def _plain(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)[1:-1].replace("\x7f", "\\x7f")
