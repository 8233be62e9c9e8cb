"""From a picture's bytes to the numbers that a network was trained on."""

from dataclasses import dataclass
from typing import Literal

Triple = tuple[float, float, float]


@dataclass(frozen=True)
class Pixels:
    """(byte / scale - mean) / std, in the order of the network's channels, which `color` names."""

    scale: float = 1.0
    mean: Triple = (0.0, 0.0, 0.0)
    std: Triple = (1.0, 1.0, 1.0)
    color: Literal["rgb", "bgr"] = "rgb"

    @property
    def plain(self) -> bool:
        """Whether bytes are taken as they are."""
        return self == Pixels()


SIGNED = Pixels(scale=127.5, mean=(1.0, 1.0, 1.0))
CAFFE = Pixels(mean=(103.939, 116.779, 123.68), color="bgr")
"""Blue, green and red of ImageNet's training pictures (Simonyan and Zisserman 2014, section 2.1)."""
OF_SCALING = {"signed": SIGNED, "caffe": CAFFE, "own": Pixels()}
"""What a network of that `classifier.zoo.Scaling` is given where it does not do it itself."""
