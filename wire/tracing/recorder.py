"""Spans by OpenTelemetry's SDK: begun and ended here, sent by its own thread.

What a span may say is said by us, word by word: ids, codes, counts and sizes. Texts are cut and go through
`wire.redact` besides. Nothing waits for a collector: spans that it does not take are dropped.
"""

import logging
import os
import random
import threading
import time
import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from types import TracebackType
from typing import Any, Self

from opentelemetry import context as contexts
from opentelemetry import trace
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter
from opentelemetry.sdk.trace.sampling import ALWAYS_ON
from opentelemetry.trace import Link, SpanContext, SpanKind, StatusCode

from wire.redact import shortened
from wire.settings import Settings
from wire.tracing import UNRECORDED, Span, Value
from wire.tracing.parents import parent_of, written
from wire.tracing.places import place, share_of

WAITING = 2048  # spans that wait to be sent; more are dropped
AT_ONCE = 512
EVERY = 1000  # milliseconds
LAST = 2.0  # seconds that the end of a process waits for what is left
TEXT = 120  # characters of an attribute
KINDS = {
    "submit": SpanKind.PRODUCER,
    "job": SpanKind.CONSUMER,
    "reply": SpanKind.PRODUCER,
    "collect": SpanKind.CONSUMER,
    "fetch": SpanKind.CLIENT,
}
QUEUE = "queue wait"
_NOWHERE = contexts.Context()


def recorder(process: str, settings: Settings, instance: str | None) -> "Recorder":
    """What records in this process; raises SettingsError where spans can go nowhere."""
    assert settings.traces is not None  # noqa: S101
    # It would tell of a collector's every silence; `places.Told` does so once a minute.
    logging.getLogger("opentelemetry").setLevel(logging.CRITICAL)
    about = {
        "service.name": f"classifycloud-{process}",
        "service.namespace": settings.deployment,
        "service.instance.id": instance or uuid.uuid4().hex[:12],
    }
    return Recorder(about, place(settings.traces), share_of(settings))


class Recorder:
    """Begins spans, and knows which is current: OpenTelemetry's own context says that.

    Args:
        about: the process, in every span.
        exporter: where spans go.
        share: of what may be traced, the part that is.
    """

    def __init__(
        self, about: Mapping[str, str], exporter: SpanExporter, share: float = 1.0
    ) -> None:
        self.share = share
        with _unforked():
            self.provider = TracerProvider(
                sampler=ALWAYS_ON, resource=Resource(about), shutdown_on_exit=False
            )
            self.provider.add_span_processor(
                BatchSpanProcessor(exporter, WAITING, EVERY, AT_ONCE, export_timeout_millis=EVERY)
            )
        self._tracer = self.provider.get_tracer("classifycloud")

    def span(self, name: str, attributes: Mapping[str, Value]) -> Span:
        """A part of the current span; nothing where there is none."""
        if not trace.get_current_span().is_recording():
            return UNRECORDED
        return Recorded(self._tracer, name, attributes)

    def begun(self, name: str, chance: float, attributes: Mapping[str, Value]) -> Span:
        """See `wire.tracing.begun`."""
        if trace.get_current_span().is_recording():
            return Recorded(self._tracer, name, attributes)
        if random.random() >= chance:  # noqa: S311
            return UNRECORDED
        return Recorded(self._tracer, name, attributes, _NOWHERE)

    def continued(self, name: str, carried: str, waited: float) -> Span:
        """See `wire.tracing.continued`."""
        remote = parent_of(carried)
        if remote is None:
            return UNRECORDED
        parent = _under(remote)
        now = time.time_ns()
        # Two durations of SQS's clock are laid along this machine's: no clock is compared with another.
        waiting = self._tracer.start_span(QUEUE, parent, start_time=now - round(waited * 1e9))
        waiting.end(now)
        return Recorded(self._tracer, name, {"messaging.system": "aws_sqs"}, parent)

    def together(
        self, name: str, linked: Sequence[object | None], attributes: Mapping[str, Value]
    ) -> Span:
        """See `wire.tracing.together`."""
        links = [Link(each) for each in linked if isinstance(each, SpanContext)]
        if not links:
            return UNRECORDED
        return Recorded(self._tracer, name, attributes, _NOWHERE, links)

    def context(self) -> SpanContext | None:
        """The current span's."""
        current = trace.get_current_span()
        return current.get_span_context() if current.is_recording() else None

    def carried(self) -> str | None:
        """The current span as a traceparent."""
        current = self.context()
        return None if current is None else written(current)

    def trace_id(self) -> str | None:
        """The current trace, in 32 hexadecimal digits."""
        # An ended span's too: what is logged after a request's answer is still of that request.
        current = trace.get_current_span().get_span_context()
        return trace.format_trace_id(current.trace_id) if current.is_valid else None

    def say(self, attributes: Mapping[str, Value]) -> None:
        """Add to the current span."""
        current = trace.get_current_span()
        if current.is_recording():
            current.set_attributes(_told(attributes))

    def name(self, name: str) -> None:
        """Give the current span a name that was not known when it began."""
        current = trace.get_current_span()
        if current.is_recording():
            current.update_name(name)

    def close(self, seconds: float = LAST) -> None:
        """Send what waits; a collector that does not take it in time is left."""
        # In a thread that nobody waits for: the SDK's own patience is half a minute.
        ending = threading.Thread(target=self.provider.shutdown, name="last-spans", daemon=True)
        ending.start()
        ending.join(seconds)


@contextmanager
def _unforked() -> Iterator[None]:
    # The SDK would begin its thread anew in every fork, and look about. Ours become other programs at
    # once; and uvloop runs such hooks between fork and exec, while the parent waits: a front end was
    # seen to stop there for good.
    register, os.register_at_fork = os.register_at_fork, lambda **_: None
    try:
        yield
    finally:
        os.register_at_fork = register


class Recorded:
    """A span that is recorded; satisfies `wire.tracing.Span`."""

    __slots__ = (
        "_attributes",
        "_began",
        "_links",
        "_name",
        "_parent",
        "_span",
        "_token",
        "_tracer",
    )

    def __init__(
        self,
        tracer: trace.Tracer,
        name: str,
        attributes: Mapping[str, Value],
        parent: contexts.Context | None = None,
        links: Sequence[Link] = (),
    ) -> None:
        self._tracer, self._name, self._attributes = tracer, name, attributes
        self._parent, self._links = parent, links

    @property
    def context(self) -> object | None:
        return self._span.get_span_context()

    def say(self, **attributes: Value) -> None:
        self._span.set_attributes(_told(attributes))

    def past(
        self, name: str, began: float | None, ended: float = 0.0, link: object | None = None
    ) -> None:
        now = time.time_ns()
        links = [Link(link)] if isinstance(link, SpanContext) else []
        within = trace.set_span_in_context(self._span, _NOWHERE)
        start = self._began if began is None else now - round(began * 1e9)
        part = self._tracer.start_span(name, within, links=links, start_time=start)
        part.end(now - round(ended * 1e9))

    def __enter__(self) -> Self:
        self._began = time.time_ns()
        self._span = self._tracer.start_span(
            self._name,
            self._parent,
            KINDS.get(self._name, SpanKind.INTERNAL),
            _told(self._attributes),
            self._links,
            self._began,
            record_exception=False,
            set_status_on_exception=False,
        )
        self._token: Any = contexts.attach(trace.set_span_in_context(self._span))
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        contexts.detach(self._token)
        if error is not None:
            # Its text may hold anything; what kind it is, is enough here and in full in the log.
            code = getattr(error, "code", None)
            self._span.set_attribute("error.type", code if isinstance(code, str) else _kind(error))
            self._span.set_status(StatusCode.ERROR)
        self._span.end()


def _kind(error: BaseException) -> str:
    return type(error).__name__


def _told(attributes: Mapping[str, Value]) -> dict[str, Value]:
    return {
        _dotted(name): shortened(value, TEXT) if isinstance(value, str) else value
        for name, value in attributes.items()
    }


def _dotted(name: str) -> str:
    return name if "." in name else f"classifycloud.{name}"


def _under(remote: SpanContext) -> contexts.Context:
    return trace.set_span_in_context(trace.NonRecordingSpan(remote), _NOWHERE)
