"""A compact Inception network for 64x64 pictures, in backend-agnostic Keras 3.

The modules are those of "Rethinking the Inception Architecture for Computer Vision" (Szegedy et
al., 2015, figure 5): four branches side by side, joined along the channels; the wide ones narrow
through a 1x1 convolution first. Between stages the grid shrinks through figure 10's reduction,
which strides and pools side by side so that no representation passes through a bottleneck. Every
convolution is followed by batch normalization and ReLU. The pooled branch pools after its 1x1
convolution, over fewer channels, which is cheaper.
"""

from dataclasses import dataclass

import keras
from keras import layers


@dataclass(frozen=True)
class Module:
    """Output channels of one Inception module's branches: 1x1, 3x3, double 3x3, pooled."""

    single: int
    reduce: int
    triple: int
    double: int
    pooled: int


STEM = (32, 64)
STAGES: tuple[tuple[Module, ...], ...] = (
    (Module(32, 32, 64, 64, 32),) * 2,
    (Module(64, 64, 96, 96, 32),) * 3,
    (Module(96, 64, 96, 96, 64),) * 2,
)


def channel_axis() -> int:
    """-1 where pictures are (N, H, W, C), 1 where keras.config says they are (N, C, H, W)."""
    return -1 if keras.config.image_data_format() == "channels_last" else 1


@dataclass(frozen=True)
class Blocks:
    """The network's parts; `normalization` may be a backend's faster twin of the same layer."""

    normalization: type[layers.BatchNormalization]

    def conv(
        self, x: keras.KerasTensor, filters: int, size: int, strides: int = 1
    ) -> keras.KerasTensor:
        """Convolution without bias, batch normalization, ReLU; same padding."""
        x = layers.Conv2D(
            filters, size, strides, padding="same", use_bias=False, kernel_initializer="he_normal"
        )(x)
        x = self.normalization(axis=channel_axis(), momentum=0.95, epsilon=1e-3)(x)
        return layers.ReLU()(x)

    def inception(self, x: keras.KerasTensor, module: Module) -> keras.KerasTensor:
        """One module: C channels in, single + triple + double + pooled out, same grid."""
        single = self.conv(x, module.single, 1)
        triple = self.conv(self.conv(x, module.reduce, 1), module.triple, 3)
        double = self.conv(self.conv(x, module.reduce, 1), module.double, 3)
        double = self.conv(double, module.double, 3)
        pooled = layers.AveragePooling2D(3, 1, padding="same")(self.conv(x, module.pooled, 1))
        return layers.Concatenate(channel_axis())([single, triple, double, pooled])

    def reduction(self, x: keras.KerasTensor) -> keras.KerasTensor:
        """Halves the grid, C channels to 3C/2: a strided 3x3 branch beside max pooling."""
        strided = self.conv(x, x.shape[channel_axis()] // 2, 3, strides=2)
        return layers.Concatenate(channel_axis())([strided, layers.MaxPooling2D(2)(x)])


def build(
    classes: int = 200,
    normalization: type[layers.BatchNormalization] = layers.BatchNormalization,
) -> keras.Model:
    """The network: pictures (N, H, W, 3) of 0..255, H and W multiples of 16, to logits (N, classes).

    Weights come in the same order whatever keras.config's data format and precision are, so
    that a run may train in one layout and be published in another.
    """
    blocks = Blocks(normalization)
    shape = (None, None, 3) if channel_axis() == -1 else (3, None, None)
    inputs = keras.Input(shape, name="picture")
    x = layers.Rescaling(1 / 127.5, offset=-1)(inputs)
    for filters in STEM:
        x = blocks.conv(x, filters, 3, strides=2)
    for index, stage in enumerate(STAGES):
        if index:
            x = blocks.reduction(x)
        for module in stage:
            x = blocks.inception(x, module)
    x = layers.GlobalAveragePooling2D()(x)
    logits = layers.Dense(classes, dtype="float32", name="logits")(x)
    return keras.Model(inputs, logits, name="tiny-inception")
