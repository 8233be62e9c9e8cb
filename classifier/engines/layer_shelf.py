"""What reads a bundle's layers: OpenVINO, or Keras where the bundle has no layers of its own."""

from importlib.util import find_spec

from classifier.bundle import KERAS, Bundle
from classifier.errors import NoLayers
from classifier.layers import LayerEngine, has_layers


def load(bundle: Bundle) -> LayerEngine:
    """The engine for a bundle's layers.

    Raises:
        NoLayers: it has none that can be read here.
        BundleBroken: one of its files is damaged.
    """
    if has_layers(bundle):
        from classifier.engines.layers import OpenVinoLayers

        return OpenVinoLayers.load(bundle)
    if KERAS in bundle.manifest.files and find_spec("keras") is not None:
        from classifier.engines.keras_layers import KerasLayers

        return KerasLayers(bundle)
    raise NoLayers(f"{bundle.manifest.name} {bundle.manifest.version} has no layers to read")
