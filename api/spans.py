"""Which requests are traced, and what their spans say: FastAPI's own telemetry, held to that.

By itself it would put a request's query, in which a picture's URL has its signature, and the service's
address into every span, and take a tenth of a millisecond of every request to do so. So it is kept away
from requests that are not sampled, and gets a tracer that takes only what is listed here.
"""

import random
import time
from collections.abc import Callable, MutableMapping, Sequence
from typing import Any, NoReturn

from fastapi.telemetry import TelemetryConfig
from opentelemetry import context as contexts
from opentelemetry import trace
from opentelemetry.util.types import Attributes

from wire.settings import Settings
from wire.tracing import ATTRIBUTE, recording
from wire.tracing.parents import read

OFF: TelemetryConfig = {"tracing": False, "metrics": False, "logs": False}
PATHS = ("/classify", "/features", "/jobs", "/v2/models")
SAID = frozenset({"http.request.method", "http.route", "network.protocol.version", "url.scheme"})
ASKED = 10  # requests a second that are traced because their clients wish it
_HEADER = ATTRIBUTE.encode()


def telemetry(settings: Settings) -> TelemetryConfig:
    """What FastAPI is to do: nothing, or a span for each request that is sampled."""
    recorder = recording()
    if recorder is None or settings.traces is None:
        # We count by ourselves; looking for whoever else might want to costs a tenth of a refusal.
        return OFF
    return {
        **OFF,
        "tracing": True,
        "operation_spans": False,
        "tracer_provider": _Reticent(recorder.provider),
        "exclude": Left(recorder.share),
    }


class Left:
    """Says of a request whether it is left untraced.

    One whose client records it (a `traceparent` with its flag set) is traced too, up to ASKED a second:
    whoever looks for a fault finds it at any share, and no stranger decides what traces cost. One whose
    client decided not to record it is not.

    Args:
        share: of the requests, 0 to 1.
        clock: monotonic seconds.
    """

    def __init__(
        self,
        share: float,
        clock: Callable[[], float] = time.monotonic,
        dice: Callable[[], float] = random.random,
    ) -> None:
        self._share = share
        self._clock = clock
        self._dice = dice
        self._wishes = float(ASKED)
        self._at = clock()

    def __call__(self, scope: MutableMapping[str, Any]) -> bool:
        if scope["type"] != "http" or not scope["path"].startswith(PATHS):
            return True
        for name, value in scope["headers"]:
            if name == _HEADER:
                parent = read(value.decode("latin-1"))
                if parent is not None:
                    return not parent.trace_flags.sampled or not self._granted()
        return self._dice() >= self._share

    def _granted(self) -> bool:
        if self._dice() < self._share:
            return True
        now = self._clock()
        self._wishes = min(ASKED, self._wishes + ASKED * (now - self._at))
        self._at = now
        if self._wishes < 1:
            return False
        self._wishes -= 1
        return True


class _Reticent(trace.TracerProvider):
    """A provider whose tracers say of a request only what is listed."""

    def __init__(self, provider: trace.TracerProvider) -> None:
        self._provider = provider

    def get_tracer(self, *args: Any, **options: Any) -> trace.Tracer:
        return _Teller(self._provider.get_tracer(*args, **options))


class _Teller(trace.Tracer):
    def __init__(self, tracer: trace.Tracer) -> None:
        self._tracer = tracer

    def start_span(
        self,
        name: str,
        context: contexts.Context | None = None,
        kind: trace.SpanKind = trace.SpanKind.INTERNAL,
        attributes: Attributes = None,
        links: Sequence[trace.Link] | None = None,
        start_time: int | None = None,
        record_exception: bool = True,  # noqa: ARG002
        set_status_on_exception: bool = True,  # noqa: ARG002
    ) -> trace.Span:
        told = {key: value for key, value in (attributes or {}).items() if key in SAID}
        return self._tracer.start_span(name, _bare(context), kind, told, links, start_time)

    def start_as_current_span(self, *_: Any, **__: Any) -> NoReturn:
        raise NotImplementedError  # of operations, which are off


def _bare(context: contexts.Context | None) -> contexts.Context | None:
    """Of what a client says only whose part the request is: its tracestate and baggage are its own."""
    parent = trace.get_current_span(context).get_span_context()
    if not parent.is_valid:
        return contexts.Context()
    bare = trace.SpanContext(
        parent.trace_id, parent.span_id, is_remote=True, trace_flags=parent.trace_flags
    )
    return trace.set_span_in_context(trace.NonRecordingSpan(bare), contexts.Context())
