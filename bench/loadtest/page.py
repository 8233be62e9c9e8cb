"""The report as one HTML file: nothing is loaded from anywhere, nothing runs, every text is escaped."""

import platform
from collections.abc import Sequence
from datetime import datetime
from html import escape
from urllib.parse import urlsplit

from bench.loadtest import charts
from bench.loadtest.hints import explained
from bench.loadtest.outcome import Outcome
from bench.loadtest.report import figures, remarks
from bench.loadtest.style import STYLE
from bench.loadtest.summary import Summary
from bench.loadtest.timeline import Timeline

# Should an escape ever be missed, a browser still loads and runs nothing.
POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"


def page(
    outcomes: Sequence[Outcome], summary: Summary, timeline: Timeline, service: str, said: str
) -> str:
    """The whole document.

    Args:
        outcomes: every request's.
        summary: their figures.
        timeline: the same in slices.
        service: its URL; a name and password in it are left out.
        said: how the load was made, in words.
    """
    body = [
        "<h1>Load test</h1>",
        f'<p class="lead">{escape(_address(service))} · {escape(said)}</p>',
        *(f'<p class="warn">{escape(text)}</p>' for text in remarks(summary)),
        _figures(summary),
        charts.latency(timeline),
        charts.percentiles(outcomes),
        charts.throughput(timeline),
        charts.errors(timeline) if summary.errors else "",
        _errors(summary),
        _made(summary, service, said),
    ]
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">'
        '<meta name="viewport" content="width=device-width">'
        f"<title>Load test: {escape(_address(service))}</title><style>{STYLE}</style></head>"
        f"<body>{''.join(body)}</body></html>\n"
    )


def _figures(summary: Summary) -> str:
    late = summary.late
    rows = [
        *figures(summary),
        ("sender late, p99", f"{1000 * late.p99:.1f} ms"),
        ("sender late, max", f"{1000 * late.longest:.1f} ms"),
    ]
    return _table([(escape(name), escape(value)) for name, value in rows])


def _errors(summary: Summary) -> str:
    if not summary.errors:
        return "<h2>Errors</h2><p>None.</p>"
    rows = []
    for code, count in summary.errors.items():
        meaning, hint = explained(code)
        words = f"<b>{escape(code)}</b><br>{escape(meaning)}<br>{escape(hint)}"
        rows.append((words, str(count)))
    return f"<h2>Errors</h2>{_table(rows)}"


def _made(summary: Summary, service: str, said: str) -> str:
    now = datetime.now().astimezone()
    machine = f"{platform.system()} {platform.release()}, {platform.machine()}"
    rows = [
        ("service", _address(service)),
        ("load", said),
        ("ended", now.isoformat(" ", "seconds")),
        ("sent from", f"{machine}, Python {platform.python_version()}"),
        ("requests", f"{summary.requests} with an outcome, {summary.unfinished} cut off"),
        (
            "latency",
            "from the time a request was due, not from when it could be sent, to the last byte of its "
            "answer; of answers with a label; all samples kept, percentiles by nearest rank",
        ),
    ]
    made = _table([(escape(name), escape(value)) for name, value in rows], "")
    return f"<h2>How it was made</h2>{made}"


def _table(rows: Sequence[tuple[str, str]], kind: str = "n") -> str:
    """Of cells that are HTML already."""
    lines = (f'<tr><td>{name}</td><td class="{kind}">{value}</td></tr>' for name, value in rows)
    return f"<table>{''.join(lines)}</table>"


def _address(service: str) -> str:
    place = urlsplit(service)
    return f"{place.scheme}://{place.netloc.rpartition('@')[2]}{place.path}"
