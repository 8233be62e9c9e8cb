"""Reads layers of the models in service: beside the batcher, one picture at a time and on one core.

Whoever classifies goes on; whoever reads layers waits for whoever reads layers.
"""

import asyncio
import io
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, TypeVar, runtime_checkable

from wire.errors import InvalidParameter, NoLayers
from wire.messages import Features
from wire.settings import WorkerSettings
from worker.models import Model, Picture
from worker.trial import Trial
from worker.watchdog import Watchdog

if TYPE_CHECKING:
    from classifier.layers import LayerEngine

R = TypeVar("R")

KEPT = 2  # models whose layers stay loaded


@runtime_checkable
class Foldered(Protocol):
    """A model whose bundle is in a folder."""

    @property
    def folder(self) -> Path: ...


class Layers:
    """The layers of models, loaded when a job first asks for one.

    Args:
        watchdog: told of every step in the thread.
        readable: names and versions of the models whose layers can be read.
        trial: tries a picture in a process of its own.
    """

    def __init__(
        self,
        watchdog: Watchdog,
        readable: Callable[[], list[str]] = lambda: [],
        trial: Trial | None = None,
    ) -> None:
        self._watchdog = watchdog
        self._readable = readable
        self._trial = trial or Trial()
        self._engines: OrderedDict[Path, LayerEngine] = OrderedDict()
        self._turn = asyncio.Lock()
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="layers")

    async def check(self, model: Model, layer: str | None) -> str:
        """The layer's name, if it can be read.

        Raises:
            InvalidParameter: none is named.
            NoLayers, LayerNotFound, ActivationTooLarge
            BundleBroken: a file that it takes is damaged.
        """
        if not layer:
            raise InvalidParameter("layer: name one.")
        await self._run("load layers", partial(self._checked, model, layer))
        return layer

    async def read(self, model: Model, picture: Picture, layer: str) -> Features:
        """What comes out of a layer that was checked."""
        return await self._run("read a layer", partial(self._features, model, picture, layer))

    async def try_out(self, model: Model, picture: Picture, layer: str) -> Features:
        """The same for a picture that is accused: first where it may kill nobody.

        Raises:
            WorkerCrashed: it was guilty.
            NotTried: nothing is proven.
        """
        await self._trial(model, picture, 1, layer)
        return await self.read(model, picture, layer)

    def close(self) -> None:
        self._thread.shutdown(wait=False, cancel_futures=True)

    async def _run(self, step: str, act: Callable[[], R]) -> R:
        async with self._turn:
            with self._watchdog.over(step):
                return await asyncio.get_running_loop().run_in_executor(self._thread, act)

    def _checked(self, model: Model, layer: str) -> None:
        from classifier.layers import found

        found(self._engine(model).layers, layer)

    def _features(self, model: Model, picture: Picture, layer: str) -> Features:
        import numpy as np

        activation = self._engine(model).activation(picture, layer)
        file = io.BytesIO()
        np.save(file, activation, allow_pickle=False)
        shape, kind = activation.shape, str(activation.dtype)
        return Features(layer=layer, shape=shape, dtype=kind, npy=file.getvalue())

    def _engine(self, model: Model) -> "LayerEngine":
        from classifier import errors
        from classifier.bundle import Bundle
        from classifier.engines import layer_shelf

        if not isinstance(model, Foldered):
            raise NoLayers
        folder = model.folder
        if folder not in self._engines:
            try:
                self._engines[folder] = layer_shelf.load(Bundle.load(folder))
            except errors.NoLayers as error:
                others = ", ".join(self._readable()) or "no model"
                raise errors.NoLayers(f"{error}; what has: {others}") from error
            if len(self._engines) > KEPT:
                self._engines.popitem(last=False)
        self._engines.move_to_end(folder)
        return self._engines[folder]


def readable_layers(settings: WorkerSettings) -> list[str]:
    """Which of the folder's models have layers to read."""
    from classifier.catalog import BUNDLED, Catalog
    from classifier.layers import readable

    return readable(Catalog(settings.models or BUNDLED))
