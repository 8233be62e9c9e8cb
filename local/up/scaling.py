"""What the balancer's log says about the fleet, as a person wants to read it."""

from local.up.console import signal_or_status
from local.up.logs import parsed, readable

BALANCER = "balancer"


class FleetNews:
    """Picks the lines that tell of workers coming and going, and why.

    The workers write into the balancer's log. The last complaint before a worker's failure is kept,
    because a worker that cannot start is otherwise only seen to come and go.
    """

    def __init__(self) -> None:
        self._complaint = ""

    def __call__(self, part: str, line: str) -> str | None:
        """The text for one line of a part's log, None when it is nothing to show."""
        if part != BALANCER or not line.strip():
            return None
        fields = parsed(line)
        if fields is None or fields.get("process") != BALANCER:
            self._listen(line, fields)
            return None
        match fields.get("event"):
            case "worker launched":
                return f"worker {fields.get('worker')} started"
            case "worker exited":
                return self._gone(fields)
            case "worker is ended":
                return f"worker {fields.get('worker')} is ended: {fields.get('why')}"
            case "operator's limits":
                return _limits(fields)
            case "tick" if fields.get("launch"):
                return f"{fields['launch']} more: {fields.get('why')}"
            case "tick" if fields.get("terminate"):
                return f"{fields['terminate']} fewer: {fields.get('why')}"
        return None

    def _listen(self, line: str, fields: dict[str, object] | None) -> None:
        if fields is None or fields.get("level") in ("error", "critical"):
            self._complaint = readable(line)

    def _gone(self, fields: dict[str, object]) -> str:
        complaint, self._complaint = self._complaint, ""
        code = fields.get("code")
        text = f"worker {fields.get('worker')} gone"
        if not isinstance(code, int):
            return text  # started by an earlier balancer, which alone could have collected it
        text = f"{text} ({signal_or_status(code)})"
        return f"{text}: {complaint}" if code > 0 and complaint else text


def _limits(fields: dict[str, object]) -> str:
    paused = ", paused" if fields.get("paused") else ""
    return f"limits: {fields.get('min_workers')} to {fields.get('max_workers')} workers{paused}"
