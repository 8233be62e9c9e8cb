"""How many calls were made, of which action, on which queue: what SQS would bill.

In memory, from the start of the process. Refused calls count, as they do on AWS.
"""

from collections import Counter
from collections.abc import Mapping
from typing import Any

_CALLS = "sqs_calls_total"
_MESSAGES = "sqs_call_messages_total"
MEDIA_TYPE = b"text/plain; version=0.0.4; charset=utf-8"


class Tally:
    """Counts calls, and the messages that they carried or brought."""

    def __init__(self) -> None:
        self._calls: Counter[tuple[str, str]] = Counter()
        self._messages: Counter[tuple[str, str]] = Counter()

    def asked(self, action: str, members: Mapping[str, Any]) -> tuple[str, str]:
        """A call came in; the key under which it is counted: its action and its queue's name."""
        named = members.get("QueueUrl") or members.get("QueueName") or ""
        key = (action, str(named).rstrip("/").rpartition("/")[2])
        self._calls[key] += 1
        return key

    def answered(self, key: tuple[str, str], answer: Mapping[str, Any]) -> None:
        """It succeeded; what it carried: the entries of a batch that went well, or messages received."""
        self._messages[key] += len(answer.get("Successful", answer.get("Messages", ())))

    def text(self) -> bytes:
        """Prometheus's text format."""
        lines = []
        for name, counts in ((_CALLS, self._calls), (_MESSAGES, self._messages)):
            lines.append(f"# TYPE {name} counter")
            lines += [
                f'{name}{{action="{action}",queue="{queue}"}} {count}'
                for (action, queue), count in sorted(counts.items())
            ]
        return "\n".join([*lines, ""]).encode()
