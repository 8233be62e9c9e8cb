"""The summary as text: of a burst beside what the original service reported, of due times by themselves."""

from bench.loadtest.hints import explained
from bench.loadtest.summary import Summary

# The original service's own test: 40 pictures at once, cold start of its instances included.
PAPER = {"answered": "38 of 40 (95 %)", "mean": "~50 s"}
NONE = "-"


def burst(summary: Summary) -> str:
    """A small table beside the paper's figures, then what went wrong."""
    latency = summary.latency
    rows = [
        ("", "this run", "the paper"),
        ("answered", _answered(summary), PAPER["answered"]),
        ("mean", f"{latency.mean:.2f} s" if latency else NONE, PAPER["mean"]),
        ("p50", f"{latency.p50:.2f} s" if latency else NONE, NONE),
        ("p95", f"{latency.p95:.2f} s" if latency else NONE, NONE),
        ("max", f"{latency.longest:.2f} s" if latency else NONE, NONE),
        ("all done in", f"{summary.elapsed:.2f} s", NONE),
        ("answers/s", f"{summary.throughput:.1f}", NONE),
    ]
    lines = [f"{name:<12} {ours:>20} {theirs:>18}" for name, ours, theirs in rows]
    return "\n".join(line.rstrip() for line in (*lines, *_remarks(summary)))


def on_time(summary: Summary) -> str:
    """Every figure on a line, then what went wrong."""
    rows = [*figures(summary), ("sender late, p99", f"{1000 * summary.late.p99:.1f} ms")]
    rows.append(("sender late, max", f"{1000 * summary.late.longest:.1f} ms"))
    lines = [f"{name:<18} {value:>20}" for name, value in rows]
    return "\n".join((*lines, *_remarks(summary)))


def figures(summary: Summary) -> list[tuple[str, str]]:
    """Name and value of each, for people."""
    latency = summary.latency
    names = ("mean", "p50", "p90", "p95", "p99", "p99.9", "max")
    values = (
        (latency.mean, latency.p50, latency.p90, latency.p95, latency.p99, latency.p999)
        + (latency.longest,)
        if latency
        else (None,) * len(names)
    )
    return [
        ("answered", _answered(summary)),
        *((name, _seconds(value)) for name, value in zip(names, values, strict=True)),
        ("all done in", _seconds(summary.elapsed)),
        ("answers/s", f"{summary.throughput:.1f}"),
    ]


def remarks(summary: Summary) -> list[str]:
    """What else must be known to read the figures, a sentence each."""
    said = []
    if summary.cached:
        said.append(
            f"{summary.cached} answers came from memory, the front end's or a worker's: no engine saw them."
        )
    if summary.retried:
        said.append(f"{summary.retried} requests were sent again after their Retry-After.")
    if summary.unfinished:
        said.append(f"{summary.unfinished} requests were open when the run was cut off.")
    if summary.late.lags:
        said.append(
            f"The sender lags: {100 * summary.late.share:.3g} % of the requests left over 50 ms late, "
            f"{summary.late.longest:.2f} s at most. This was not the load that was asked for; "
            "send from a machine with more cores to spare, or send less."
        )
    return said


def _remarks(summary: Summary) -> list[str]:
    lines = remarks(summary)
    for code, count in summary.errors.items():
        meaning, hint = explained(code)
        lines.append(f"error {code}: {count}")
        lines += [f"  {text}" for text in (meaning, hint) if text]
    return lines


def _answered(summary: Summary) -> str:
    share = 100 * summary.success_rate
    return f"{summary.answered} of {summary.requests} ({share:.4g} %)"


def _seconds(value: float | None) -> str:
    if value is None:
        return NONE
    return f"{value:.2f} s" if value >= 0.995 else f"{1000 * value:.1f} ms"
