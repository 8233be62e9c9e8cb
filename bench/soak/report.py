"""What a soak found, as a table."""

from rich.table import Table

from bench.soak.found import Found

SHOWN = 5


def table(found: Found) -> Table:
    """For people."""
    books, verdict = found.books, "holds" if found.holds else "DOES NOT HOLD"
    rows = Table(title=f"{found.jobs:,} jobs in {found.seconds:,.0f} s: {verdict}", min_width=60)
    rows.add_column("what")
    rows.add_column("count", justify="right")
    rows.add_column("")
    for name in ("lost", "wrong", "doubled", "unrecorded", "contradicted", "unheard"):
        bad = getattr(books, name)
        rows.add_row(name, str(len(bad)), ", ".join(map(str, bad[:SHOWN])))
    rows.add_section()
    least, most = found.bounds
    rows.add_row("messages left", str(sum(found.left.values())), ", ".join(found.left))
    rows.add_row("workers at the end", str(found.workers), f"within {least} and {most}")
    rows.add_row("workers at most", str(found.most_workers), f"not above {most}")
    rows.add_row("processes left over", str(found.strays))
    rows.add_section()
    rows.add_row("workers killed", str(found.kills), "SIGKILL")
    rows.add_row(
        "front end restarted", str(found.restarts), f"SIGTERM, {found.restarts_asked} meant"
    )
    rows.add_row("messages received again", str(found.redelivered))
    rows.add_row("recorded again", str(books.again), "the same verdict each time")
    for name, count in sorted(found.met.items()):
        rows.add_row(f"clients: {name}", str(count))
    rows.add_section()
    for name, count in found.faults.items():
        rows.add_row(f"fault: {name}", str(count), f"{found.expected[name]:,.0f} expected")
    rows.add_section()
    rows.add_row("p50, p99 of a verdict", f"{found.p50:.2f}, {found.p99:.2f}", "seconds")
    return rows
