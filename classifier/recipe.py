"""What preparing a picture needs to know of a model; imports nothing, so that a decoder need not either."""

from typing import Literal, Protocol, TypeAlias

Interpolation: TypeAlias = Literal["bilinear", "bicubic", "lanczos", "box", "nearest"]


class Recipe(Protocol):
    """How a picture becomes the network's input: see `classifier.manifest.Preprocessing`."""

    @property
    def side(self) -> int: ...
    @property
    def resize(self) -> int | None: ...
    @property
    def interpolation(self) -> Interpolation: ...
    @property
    def detail(self) -> int: ...
    @property
    def background(self) -> tuple[int, int, int]: ...
