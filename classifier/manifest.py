"""A bundle's manifest: what the network is, how pictures are prepared for it, how it was made."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints
from pydantic.alias_generators import to_camel

Sha256 = Annotated[str, StringConstraints(pattern="^[0-9a-f]{64}$")]
FileName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$")]
Share = Annotated[float, Field(ge=0, le=1)]


class Part(BaseModel):
    """A frozen piece of a manifest: camelCase in the file, snake_case here."""

    model_config = ConfigDict(
        frozen=True, extra="ignore", alias_generator=to_camel, validate_by_name=True
    )


class Preprocessing(Part):
    """How a picture becomes the network's input, uint8 (side, side, 3) RGB.

    With `resize` the shorter side is scaled to that many pixels and the central side x side
    square is taken; without it the whole picture is squeezed into the square. `bicubic`,
    `lanczos` and `box` average over what they shrink. So does `bilinear`, except that a plain
    JPEG's is linear between the nearest pixels, after whole numbers of them are averaged where
    more than half would be passed over. `nearest` picks pixels, for networks whose training
    pictures were made that way. A large JPEG is decoded at a fraction of its size, with
    no fewer than `detail` times the pixels needed along the shorter side. Transparent pictures
    are laid over `background`.
    """

    side: int = Field(ge=1, le=4096)
    resize: int | None = Field(default=None, ge=1, le=8192)
    interpolation: Literal["bilinear", "bicubic", "lanczos", "box", "nearest"] = "bicubic"
    detail: int = Field(default=1, ge=1, le=16)
    background: tuple[int, int, int] = (255, 255, 255)


class Measurement(Part):
    """Accuracy of one file of the bundle, measured through the serving preprocessing."""

    engine: str
    data: str
    pictures: int
    top1: Share
    top5: Share


class Provenance(Part):
    """How to make the bundle again."""

    command: str
    seed: int
    backend: str
    recipe: dict[str, Any]
    log: FileName | None = None


class Manifest(Part):
    """manifest.json: everything about a bundle but the weights.

    `files` maps each other file's name to its sha256. `precision` is the number format of the
    served network's weights and activations.
    """

    name: str
    version: str
    architecture: str
    precision: Literal["int8", "bf16", "f16", "f32"]
    parameters: int
    classes: int = Field(ge=1)
    preprocessing: Preprocessing
    files: dict[FileName, Sha256]
    metrics: tuple[Measurement, ...] = ()
    license: str
    notes: str = ""
    made: Provenance | None = None
