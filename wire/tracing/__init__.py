"""Traces: where a request's time went, as spans that hang together over all processes it came through.

Off unless CLASSIFYCLOUD_TRACES says where they go: then nothing of OpenTelemetry is imported, and all that is
called here is a look at one variable. On, what belongs to no sampled request still costs next to nothing and
records nothing. `wire.tracing.recorder` does the work; docs/decisions/0029-observing.md tells why so.
"""

from collections.abc import Sequence
from types import TracebackType
from typing import TYPE_CHECKING, Protocol, Self

if TYPE_CHECKING:
    from wire.settings import Settings
    from wire.tracing.recorder import Recorder

Value = str | int | float | bool
ATTRIBUTE = "traceparent"  # of a message, as of an HTTP request (W3C Trace Context)


class Span(Protocol):
    """A piece of a request's time, from the beginning of a `with` to its end."""

    @property
    def context(self) -> object | None:
        """What other spans link to it by; None where nothing is recorded."""

    def say(self, **attributes: Value) -> None:
        """Add what is known of it only now. Never a URL, an address or a key."""

    def past(
        self, name: str, began: float | None, ended: float = 0.0, link: object | None = None
    ) -> None:
        """A part of it that is over: it began so many seconds ago, or with it, and ended so many."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None: ...


class Unrecorded:
    """What stands for a span where nothing is recorded; satisfies `Span`."""

    __slots__ = ()

    context: None = None

    def say(self, **attributes: Value) -> None:
        """To nobody."""

    def past(
        self, name: str, began: float | None, ended: float = 0.0, link: object | None = None
    ) -> None:
        """Of nothing."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Nothing ends."""


UNRECORDED = Unrecorded()
_recorder: "Recorder | None" = None


def begin(process: str, settings: "Settings", instance: str | None = None) -> None:
    """Record from now on, if the settings say where to.

    Raises:
        SettingsError: spans can go nowhere by CLASSIFYCLOUD_TRACES.
    """
    global _recorder
    if settings.traces is None:
        return
    from wire.tracing.recorder import recorder

    _recorder = recorder(process, settings, instance)


def end() -> None:
    """Send what was recorded, in a moment or not at all. Nothing is recorded from now on."""
    global _recorder
    ending, _recorder = _recorder, None
    if ending is not None:
        ending.close()


def recording() -> "Recorder | None":
    """What records in this process, if anything does."""
    return _recorder


def span(name: str, **attributes: Value) -> Span:
    """A part of the span that is current: what the `with` block does for a request."""
    return UNRECORDED if _recorder is None else _recorder.span(name, attributes)


def share() -> float:
    """Of what may be traced, the part that is, 0 to 1; 0 where nothing is recorded."""
    return 0.0 if _recorder is None else _recorder.share


def begun(name: str, chance: float, **attributes: Value) -> Span:
    """The same; where no span is current, a trace of its own, by chance."""
    return UNRECORDED if _recorder is None else _recorder.begun(name, chance, attributes)


def continued(name: str, carried: str | None, waited: float = 0.0) -> Span:
    """Work for the request that sent a message, which waited in its queue for so many seconds."""
    if _recorder is None or carried is None:
        return UNRECORDED
    return _recorder.continued(name, carried, waited)


def together(name: str, contexts: Sequence[object | None], **attributes: Value) -> Span:
    """Work for several requests at once: a trace of its own, linked to theirs."""
    return UNRECORDED if _recorder is None else _recorder.together(name, contexts, attributes)


def context() -> object | None:
    """What other spans link to the current one by; None where nothing is recorded."""
    return None if _recorder is None else _recorder.context()


def carried() -> str | None:
    """What a message takes along, so that whoever receives it goes on with the trace."""
    return None if _recorder is None else _recorder.carried()


def trace_id() -> str | None:
    """The current request's trace, None where it is not traced."""
    return None if _recorder is None else _recorder.trace_id()


def say(**attributes: Value) -> None:
    """As `Span.say`, of the current span."""
    if _recorder is not None:
        _recorder.say(attributes)
