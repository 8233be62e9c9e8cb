"""A stage of a job's work: its clock, and who hears of its end."""

import time
from collections.abc import Callable
from types import TracebackType

from wire import tracing
from worker.parcel import Parcel


class Stage:
    """While it lasts the parcel is at work. Two for each picture: hence no generator.

    Args:
        parcel: whose stage it is.
        name: the field of `Spent` that its seconds are added to, those of an earlier try being there.
        moved: told of its end, unless it failed.
    """

    __slots__ = ("_moved", "_name", "_parcel", "_span", "_start")

    def __init__(self, parcel: Parcel, name: str, moved: Callable[[], None]) -> None:
        self._parcel = parcel
        self._name = name
        self._moved = moved

    def __enter__(self) -> tracing.Span:
        self._parcel.begins()
        self._span = tracing.span(self._name)
        self._span.__enter__()
        self._start = time.perf_counter()
        return self._span

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        spent = self._parcel.spent
        seconds = getattr(spent, self._name) + time.perf_counter() - self._start
        setattr(spent, self._name, seconds)
        self._span.__exit__(kind, error, trace)
        self._parcel.waits()
        if kind is None:
            self._moved()
