"""What takes a worker's boot longest, begun first: the process that decoders come from, and the first model.

Both are got ready while the rest of the worker is imported.
"""

import contextlib
import os
import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import TypeVar

from wire.settings import WorkerSettings
from worker.bundled import BundleLoader
from worker.decoder.jail import Terms
from worker.models import Model

T = TypeVar("T")


def begin(load: Callable[[], T]) -> "Future[T]":
    """Run it in a thread from now on."""
    done: Future[T] = Future()

    def run() -> None:
        try:
            done.set_result(load())
        except BaseException as error:
            done.set_exception(error)

    threading.Thread(target=run, name="first-model").start()
    return done


def bring(engine: str) -> None:
    """Import what the engine needs, before all that it does not need.

    In the model's own thread, beside the rest of the imports, it would take twice as long: one of them runs
    at a time. What is missing the loading will tell.
    """
    # Nobody multiplies matrices with numpy here, and the threads that it keeps for that begin by spinning.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    with contextlib.suppress(Exception):
        from classifier.engines import shelf

        shelf.find(engine)


def terms_of(settings: WorkerSettings) -> Terms:
    """What decoders may do and take."""
    return Terms(settings.decoder_memory, unfiltered=settings.decoder_filter == "wanted")


def first_model(settings: WorkerSettings, threads: int | None) -> tuple[BundleLoader, Model]:
    """The model that answers when a request names none, and what loads others.

    Raises:
        ClassifierError: it cannot be loaded.
    """
    loader = BundleLoader(
        settings.models,
        settings.model,
        threads,
        settings.cache,
        settings.engine,
    )
    return loader, loader(None, None)
