"""A span as it travels between processes: the W3C's traceparent. Its tracestate, which is whatever a
stranger wrote, does not."""

import re

from opentelemetry.trace import SpanContext, TraceFlags, format_span_id, format_trace_id

# W3C Trace Context, 3.2: versions after 00 may say more behind a dash, and ff is none.
_FORM = re.compile(r"(?!ff)([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(?:-.*)?")
_PLAIN = 55  # characters of version 00


def read(carried: str) -> SpanContext | None:
    """The span that a traceparent names; None where it names none."""
    found = _FORM.fullmatch(carried) if len(carried) <= 256 else None
    if found is None or (found[1] == "00" and len(carried) != _PLAIN):
        return None
    flags = TraceFlags(int(found[4], 16) & TraceFlags.SAMPLED)
    context = SpanContext(int(found[2], 16), int(found[3], 16), is_remote=True, trace_flags=flags)
    return context if context.is_valid else None


def parent_of(carried: str) -> SpanContext | None:
    """The same where it is recorded: what its sender does not record has no parts."""
    context = read(carried)
    return context if context is not None and context.trace_flags.sampled else None


def written(context: SpanContext) -> str:
    """The traceparent of a span that is recorded."""
    return f"00-{format_trace_id(context.trace_id)}-{format_span_id(context.span_id)}-01"
