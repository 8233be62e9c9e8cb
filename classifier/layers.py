"""A network's layers: which there are, and what comes out of one.

A bundle may carry an OpenVINO network in float32 whose outputs are the outputs of its layers: `layers.json`
lists them, `layers.xml.gz` holds the graph. Its weights are those of `model.keras`, in place, with the few
that are not there as they are needed in `layers.bin`: docs/decisions/0025-layers.md.
"""

from contextlib import suppress
from typing import TYPE_CHECKING, Protocol

from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from classifier.bundle import LAYERS, MANIFEST, Bundle
from classifier.catalog import Catalog
from classifier.errors import ActivationTooLarge, BundleBroken, LayerNotFound, NoLayers
from classifier.manifest import Manifest

if TYPE_CHECKING:
    import numpy as np

LARGEST = 8 * 10**6  # bytes of an activation that is handed out
FLOAT = 4  # bytes
LISTING, GRAPH, REST = LAYERS


class Layer(BaseModel):
    """A layer by its name in Keras; `shape` is that of one picture's activation, float32."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    name: str
    shape: tuple[int, ...]

    @property
    def size(self) -> int:
        """Bytes of an activation."""
        size = FLOAT
        for length in self.shape:
            size *= length
        return size


_LAYERS = TypeAdapter(tuple[Layer, ...])


class LayerEngine(Protocol):
    """Reads layers of one network. Safe to call from several threads."""

    @property
    def layers(self) -> tuple[Layer, ...]:
        """In the order in which they compute."""
        ...

    def activation(self, picture: "np.ndarray", layer: str) -> "np.ndarray":
        """What comes out of a layer.

        Args:
            picture: uint8 (side, side, 3), RGB.

        Returns:
            float32, of the layer's shape.

        Raises:
            LayerNotFound: there is none of that name.
        """
        ...


def has_layers(bundle: Bundle) -> bool:
    """Whether it carries what its layers are read from without Keras."""
    return set(LAYERS) <= bundle.manifest.files.keys()


def readable(catalog: Catalog) -> list[str]:
    """Names and versions of the models that carry theirs; one whose manifest is damaged is left out."""
    found = []
    for name in catalog.names():
        for version in catalog.versions(name):
            with suppress(OSError, ValidationError):
                text = (catalog.root / name / version / MANIFEST).read_bytes()
                if set(LAYERS) <= Manifest.model_validate_json(text).files.keys():
                    found.append(f"{name} {version}")
    return found


def listed(bundle: Bundle) -> tuple[Layer, ...]:
    """The layers that can be asked for, in the order in which they compute.

    Raises:
        NoLayers: the bundle carries none.
        BundleBroken: the list is damaged.
    """
    if not has_layers(bundle):
        raise NoLayers(f"{bundle.manifest.name} {bundle.manifest.version} has no layers to read")
    path = bundle.file(LISTING)
    try:
        return _LAYERS.validate_json(path.read_bytes())
    except ValidationError as error:
        raise BundleBroken(f"{path} is no list of layers: {error}") from error


def written(layers: tuple[Layer, ...]) -> bytes:
    """The list as it stands in a bundle."""
    return _LAYERS.dump_json(layers, indent=None)


def found(layers: tuple[Layer, ...], name: str) -> Layer:
    """The layer of that name, if its activation is handed out.

    Raises:
        LayerNotFound: there is none; the text lists those that there are.
        ActivationTooLarge: it has more than LARGEST bytes.
    """
    for layer in layers:
        if layer.name == name:
            return _bounded(layer)
    names = ", ".join(layer.name for layer in layers)
    raise LayerNotFound(f"no layer {name[:80]!r}; there are: {names}")


def _bounded(layer: Layer) -> Layer:
    if layer.size > LARGEST:
        raise ActivationTooLarge(
            f"{layer.name} has {layer.size:,} bytes, and at most {LARGEST:,} are handed out; "
            "ask for a later layer, or for one behind a pooling"
        )
    return layer
