"""Where spans go: to a collector over OTLP/HTTP, or into a file."""

import time
from collections.abc import Callable, Sequence
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SpanExporter, SpanExportResult

from wire import log
from wire.settings import PREFIX, Settings, SettingsError
from wire.tracing.file import SpanFile

SIGNAL = "/v1/traces"  # OTLP/HTTP, "Default endpoints": where spans go under a collector's address
PATIENCE = 5.0  # seconds that one request to a collector may take, every try included
BETWEEN = 60.0  # seconds between two words on spans that were lost

COLLECTED = 0.01  # of the requests, where spans cost something and nobody says how many

logger = log.get(__name__)


def place(where: str) -> SpanExporter:
    """What takes spans there.

    Raises:
        SettingsError: nothing can go there.
    """
    try:
        return Told(_collector(where) if "://" in where else SpanFile(Path(where)))
    except (OSError, ValueError) as error:
        raise SettingsError(f"{PREFIX}TRACES={where!r}: {error}") from error


def share_of(settings: Settings) -> float:
    """Of what may be traced, the part that is; all of it where that goes into a file."""
    if settings.traces_share is not None:
        return settings.traces_share
    return COLLECTED if "://" in (settings.traces or "") else 1.0


def _collector(where: str) -> SpanExporter:
    # It brings requests and protobuf, which a file does without.
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter

    parts = urlsplit(where)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("it must be http://HOST:PORT or https://HOST:PORT, or the name of a file")
    path = SIGNAL if parts.path in ("", "/") else parts.path
    return OTLPSpanExporter(urlunsplit(parts._replace(path=path)), timeout=PATIENCE)


class Told(SpanExporter):
    """Says once in a while how many spans were lost on the way to another exporter."""

    def __init__(self, exporter: SpanExporter, clock: Callable[[], float] = time.monotonic) -> None:
        self._exporter = exporter
        self._clock = clock
        self._lost = 0
        self._said = -BETWEEN

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        try:
            result = self._exporter.export(spans)
        except Exception as error:
            self._lose(len(spans), type(error).__name__)
            return SpanExportResult.FAILURE
        if result is not SpanExportResult.SUCCESS:
            self._lose(len(spans), "the collector did not take them")
        return result

    def shutdown(self) -> None:
        self._exporter.shutdown()

    def force_flush(self, timeout_millis: int = 30000) -> bool:
        return self._exporter.force_flush(timeout_millis)

    def _lose(self, spans: int, reason: str) -> None:
        self._lost += spans
        if self._clock() - self._said >= BETWEEN:
            self._said = self._clock()
            logger.warning("spans not exported", lost=self._lost, reason=reason)
