"""What the balancer's log says about the fleet, as a person wants to read it."""

from local.up.logs import parsed


def scale_events(part: str, line: str) -> str | None:
    """The text for a line of the balancer's log that tells of workers; None for every other line."""
    fields = parsed(line) if part == "balancer" else None
    if fields is None or fields.get("process") != "balancer":
        return None
    worker = fields.get("worker")
    match fields.get("event"):
        case "worker launched":
            return f"worker {worker} started"
        case "worker exited":
            return f"worker {worker} gone (exit {fields.get('code')})"
        case "tick" if fields.get("launch") or fields.get("terminate"):
            return f"{fields.get('why')}"
    return None
