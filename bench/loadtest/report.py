"""The summary as text, beside what the original service reported."""

from bench.loadtest.summary import Summary

# The original service's own test: 40 pictures at once, cold start of its instances included.
PAPER = {"answered": "38 of 40 (95 %)", "mean": "~50 s"}
NONE = "-"


def report(summary: Summary) -> str:
    """A small table, then a line for each kind of error."""
    latency = summary.latency
    share = 100 * summary.success_rate
    rows = [
        ("", "this run", "the paper"),
        (
            "answered",
            f"{summary.answered} of {summary.requests} ({share:.4g} %)",
            PAPER["answered"],
        ),
        ("mean", _seconds(latency.mean if latency else None), PAPER["mean"]),
        ("p50", _seconds(latency.p50 if latency else None), NONE),
        ("p95", _seconds(latency.p95 if latency else None), NONE),
        ("max", _seconds(latency.longest if latency else None), NONE),
        ("all done in", _seconds(summary.elapsed), NONE),
        ("answers/s", f"{summary.throughput:.1f}", NONE),
    ]
    lines = [f"{name:<12} {ours:>20} {theirs:>18}" for name, ours, theirs in rows]
    errors = [f"error {code}: {count}" for code, count in summary.errors.items()]
    return "\n".join(line.rstrip() for line in (*lines, *errors))


def _seconds(value: float | None) -> str:
    return NONE if value is None else f"{value:.2f} s"
