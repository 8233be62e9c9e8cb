"""Spans in a file, a line each, in OTLP's own JSON.

Source: OpenTelemetry specification, "File Exporter" and "OTLP: JSON Protobuf Encoding": a collector reads
such files too (its receiver `otlpjsonfile`). Several processes append to one file, each line in one write.
"""

import fcntl
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SpanExporter, SpanExportResult
from opentelemetry.trace import SpanContext, format_span_id, format_trace_id

LIMIT = 64 * 1024 * 1024  # bytes; the file, and the one before it, are kept
REMOTE = 0x100 | 0x200  # OTLP, SpanFlags: the parent is of another process, and that is known


class SpanFile(SpanExporter):
    """Appends to a file; satisfies OpenTelemetry's SpanExporter.

    Raises:
        OSError: it cannot be written.
    """

    def __init__(self, path: Path, limit: int = LIMIT) -> None:
        self._path = path.absolute()
        self._limit = limit
        os.close(self._opened())

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        text = "".join(f"{json.dumps(_document(each), separators=(',', ':'))}\n" for each in spans)
        handle = self._held()
        try:
            os.write(handle, text.encode())
        finally:
            os.close(handle)
        return SpanExportResult.SUCCESS

    def shutdown(self) -> None:
        """Nothing is kept open."""

    def force_flush(self, timeout_millis: int = 30000) -> bool:  # noqa: ARG002
        return True

    def _held(self) -> int:
        """The file, locked; a new one where it has become too long."""
        while True:
            handle = self._opened()
            fcntl.flock(handle, fcntl.LOCK_EX)
            if not self._is(handle):  # another process has just put it aside
                os.close(handle)
            elif os.fstat(handle).st_size < self._limit:
                return handle
            else:
                self._path.replace(self._path.with_name(f"{self._path.name}.1"))
                os.close(handle)

    def _is(self, handle: int) -> bool:
        try:
            return os.path.samestat(os.fstat(handle), self._path.stat())
        except FileNotFoundError:
            return False

    def _opened(self) -> int:
        flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC
        return os.open(self._path, flags, 0o600)


def _document(span: ReadableSpan) -> dict[str, Any]:
    scope = span.instrumentation_scope
    told = {"scope": {"name": scope.name if scope else ""}, "spans": [_span(span)]}
    resource = {"attributes": list(_attributes(span.resource.attributes))}
    return {"resourceSpans": [{"resource": resource, "scopeSpans": [told]}]}


def _span(span: ReadableSpan) -> dict[str, Any]:
    told: dict[str, Any] = {
        **_ids(span.context),
        "name": span.name,
        "kind": span.kind.value + 1,  # OTLP counts from 1: 0 is unspecified
        "startTimeUnixNano": str(span.start_time),
        "endTimeUnixNano": str(span.end_time),
        "attributes": list(_attributes(span.attributes or {})),
        "status": {"code": span.status.status_code.value} if not span.status.is_unset else {},
    }
    if span.parent is not None:
        told["parentSpanId"] = format_span_id(span.parent.span_id)
        told["flags"] = 1 | (REMOTE if span.parent.is_remote else 0x100)
    if span.links:
        told["links"] = [_ids(each.context) for each in span.links]
    return told


def _ids(context: SpanContext) -> dict[str, str]:
    return {
        "traceId": format_trace_id(context.trace_id),
        "spanId": format_span_id(context.span_id),
    }


def _attributes(values: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    for name, value in values.items():
        yield {"key": name, "value": _value(value)}


def _value(value: object) -> dict[str, object]:
    match value:
        case bool():
            return {"boolValue": value}
        case int():
            return {"intValue": str(value)}
        case float():
            return {"doubleValue": value}
        case _:
            return {"stringValue": str(value)}
