"""Keys as people and machines read them: never a key itself, never its hash."""

from datetime import UTC, datetime
from typing import Any

from wire.keyring import Client, Keyring

COLUMNS = ("client", "key", "state", "scopes", "created", "ends", "limit")


def rows(ring: Keyring, now: float) -> list[dict[str, Any]]:
    """A row a key, by client and then by age. Times as ISO 8601 in UTC; `now` in seconds since the epoch."""
    return [
        {
            "client": name,
            "hint": key.hint,
            "state": key.state(now),
            "scopes": list(key.scopes),
            "created": _iso(key.created),
            "expires": _iso(key.expires),
            "revoked": _iso(key.revoked),
            "rate": client.rate,
            "burst": client.burst,
        }
        for name, client in sorted(ring.clients.items())
        for key in client.keys
    ]


def table(found: list[dict[str, Any]]) -> str:
    """The rows under their headings, columns aligned."""
    lines = [COLUMNS, *(_cells(row) for row in found)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(COLUMNS))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in lines
    )


def made(name: str, client: Client, where: str, within: int) -> str:
    """What is said beside the client's newest key."""
    key = client.keys[-1]
    until = f", until {_iso(key.expires)}" if key.expires else ""
    return (
        f"{key.hint}… for {name} on {where}: {', '.join(key.scopes)}{until}; "
        f"{limit(client.rate, client.burst)}.\n"
        f"It is shown this once. Every replica knows it within {within} s."
    )


def limit(rate: float | None, burst: int | None) -> str:
    """A client's own limit in words."""
    if rate is None and burst is None:
        return "limit of the settings"
    if rate == 0:
        return "no limit"
    told = "the settings' rate" if rate is None else f"{rate:g}/s"
    return told if burst is None else f"{told}, {burst} at once"


def _cells(row: dict[str, Any]) -> tuple[str, ...]:
    ends = row["revoked"] or row["expires"]
    return (
        row["client"],
        f"{row['hint']}…",
        row["state"],
        ",".join(row["scopes"]),
        row["created"][:10],
        ends[:16].replace("T", " ") if ends else "never",
        limit(row["rate"], row["burst"]),
    )


def _iso(at: float | None) -> str | None:
    return None if at is None else datetime.fromtimestamp(at, UTC).isoformat(timespec="seconds")
